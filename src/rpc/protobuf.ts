/**
 * The parts of the protobuf library that the gateway uses. It is loaded by the first request that needs it: to evaluate it
 * takes 15 ms, which an isolate without such routes does not pay.
 */
export { createFileRegistry, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf'
export { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
