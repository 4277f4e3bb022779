/**
 * The parts of the protobuf library that the bridge uses. It is loaded by the first request that needs it: to evaluate it
 * takes 15 ms, which an isolate without such routes does not pay.
 */
export type { DescField, DescMessage, DescMethod, Message, Registry } from '@bufbuild/protobuf'
export { createFileRegistry, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf'
export { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
