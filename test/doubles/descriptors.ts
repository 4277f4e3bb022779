/**
 * A set of descriptors as `protoc --include_imports` would write it, built here from plain data: the package users.v1
 * with a service of each kind of method, and the messages that need care in JSON.
 */
import { create, toBinary } from '@bufbuild/protobuf'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  FieldDescriptorProto_Label as Label,
  MethodOptions_IdempotencyLevel as Level,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'

export interface Rule {
  readonly get?: string
  readonly put?: string
  readonly post?: string
  readonly delete?: string
  readonly patch?: string
  readonly custom?: { readonly kind: string; readonly path: string }
  readonly body?: string
  readonly responseBody?: string
  readonly more?: readonly Rule[]
}

const numbers = { get: 2, put: 3, post: 4, delete: 5, patch: 6 } as const

/** A google.api.HttpRule on the wire. */
export function encodeRule(rule: Rule): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter()
  const text = (no: number, value: string) => writer.tag(no, WireType.LengthDelimited).string(value)
  for (const [name, no] of Object.entries(numbers)) {
    const path = rule[name as keyof typeof numbers]
    if (path !== undefined) text(no, path)
  }
  if (rule.custom !== undefined) {
    writer.tag(8, WireType.LengthDelimited).fork()
    text(1, rule.custom.kind)
    text(2, rule.custom.path)
    writer.join()
  }
  if (rule.body !== undefined) text(7, rule.body)
  if (rule.responseBody !== undefined) text(12, rule.responseBody)
  for (const one of rule.more ?? []) writer.tag(11, WireType.LengthDelimited).bytes(encodeRule(one))
  return writer.finish()
}

function httpOption(rule: Rule) {
  const data = new BinaryWriter().bytes(encodeRule(rule)).finish()
  return { no: 72_295_728, wireType: WireType.LengthDelimited, data }
}

type FieldType = keyof typeof scalars | `.${string}`
const scalars = {
  string: Type.STRING,
  int32: Type.INT32,
  int64: Type.INT64,
  bool: Type.BOOL,
  double: Type.DOUBLE,
  bytes: Type.BYTES,
} as const
const enums = new Set(['.users.v1.Role'])

function field(number: number, name: string, type: FieldType, isList = false) {
  const isNamed = type.startsWith('.')
  const named = enums.has(type) ? Type.ENUM : Type.MESSAGE
  return {
    number,
    name,
    jsonName: name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    label: isList ? Label.REPEATED : Label.OPTIONAL,
    type: isNamed ? named : scalars[type as keyof typeof scalars],
    ...(isNamed ? { typeName: type } : {}),
  }
}

export interface MethodParts {
  readonly name: string
  readonly input?: string
  readonly output?: string
  readonly rule?: Rule
  readonly clientStreaming?: boolean
  readonly serverStreaming?: boolean
  readonly isIdempotent?: boolean
}

function method({ rule: _, isIdempotent, ...parts }: MethodParts) {
  const { input = 'UserRequest', output = 'User', ...rest } = parts
  return {
    inputType: `.users.v1.${input}`,
    outputType: `.users.v1.${output}`,
    ...rest,
    options: isIdempotent ? { idempotencyLevel: Level.IDEMPOTENT } : {},
  }
}

/** What the service has unless a test says otherwise. */
export const usualMethods: readonly MethodParts[] = [
  { name: 'GetUser', rule: { get: '/v1/users/{id}', more: [{ get: '/v1/{name=people/*}' }] } },
  { name: 'CreateUser', input: 'User', rule: { post: '/v1/users', body: '*' } },
  {
    name: 'UpdateUser',
    input: 'UpdateRequest',
    rule: { patch: '/v1/users/{user.id}', body: 'user' },
  },
  { name: 'ListNames', output: 'Names', rule: { get: '/v1/names', responseBody: 'names' } },
  { name: 'BanUser', rule: { post: '/v1/users/{id}:ban' }, isIdempotent: true },
  { name: 'WatchUsers', serverStreaming: true, rule: { get: '/v1/users:watch' } },
  { name: 'Upload', clientStreaming: true, rule: { post: '/v1/uploads', body: '*' } },
]

const imports = [
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
]

export function usersFile(methods: readonly MethodParts[] = usualMethods): FileDescriptorProto {
  const dependency = imports.map(({ proto }) => proto.name)
  const file = create(FileDescriptorProtoSchema, {
    name: 'users/v1/users.proto',
    package: 'users.v1',
    syntax: 'proto3',
    dependency,
    enumType: [
      {
        name: 'Role',
        value: [
          { name: 'ROLE_UNSPECIFIED', number: 0 },
          { name: 'ROLE_ADMIN', number: 1 },
        ],
      },
    ],
    messageType: [
      {
        name: 'Address',
        field: [field(1, 'city', 'string'), field(2, 'zip_code', 'int32')],
      },
      {
        name: 'User',
        field: [
          field(1, 'id', 'string'),
          field(2, 'display_name', 'string'),
          field(3, 'age', 'int32'),
          field(4, 'credits', 'int64'),
          field(5, 'role', '.users.v1.Role'),
          field(6, 'tags', 'string', true),
          field(7, 'address', '.users.v1.Address'),
          field(8, 'created_at', '.google.protobuf.Timestamp'),
          field(9, 'active', 'bool'),
          field(10, 'addresses', '.users.v1.Address', true),
          field(11, 'labels', '.users.v1.User.LabelsEntry', true),
          field(12, 'extra', '.google.protobuf.Struct'),
        ],
        nestedType: [
          {
            name: 'LabelsEntry',
            field: [field(1, 'key', 'string'), field(2, 'value', 'int32')],
            options: { mapEntry: true },
          },
        ],
      },
      {
        name: 'UserRequest',
        field: [
          field(1, 'id', 'string'),
          field(2, 'name', 'string'),
          field(3, 'limit', 'int32'),
          field(4, 'roles', '.users.v1.Role', true),
          field(5, 'since', '.google.protobuf.Timestamp'),
          field(6, 'max_age', '.google.protobuf.Duration'),
          field(7, 'mask', '.google.protobuf.FieldMask'),
          field(8, 'nickname', '.google.protobuf.StringValue'),
          field(9, 'address', '.users.v1.Address'),
          field(10, 'cursor', 'int64'),
          field(11, 'strict', 'bool'),
          field(12, 'ratio', 'double'),
          field(13, 'ids', 'int64', true),
          field(14, 'most', '.google.protobuf.Int32Value'),
        ],
      },
      {
        name: 'UpdateRequest',
        field: [field(1, 'user', '.users.v1.User'), field(2, 'mask', '.google.protobuf.FieldMask')],
      },
      { name: 'Names', field: [field(1, 'names', 'string', true)] },
    ],
    service: [{ name: 'Users', method: methods.map(method) }],
  })
  // The library has no name for the extension, as it has none where a set is read.
  for (const [index, { rule }] of methods.entries()) {
    const options = file.service[0]?.method[index]?.options
    if (rule !== undefined && options !== undefined) options.$unknown = [httpOption(rule)]
  }
  return file
}

/** What google/rpc/error_details.proto has of quotas: for details of failures. */
const detailsFile = create(FileDescriptorProtoSchema, {
  name: 'google/rpc/error_details.proto',
  package: 'google.rpc',
  syntax: 'proto3',
  messageType: [
    { name: 'ErrorInfo', field: [field(1, 'reason', 'string'), field(2, 'domain', 'string')] },
  ],
})

export function descriptorSet(
  files: readonly FileDescriptorProto[] = [
    ...imports.map(({ proto }) => proto),
    detailsFile,
    usersFile(),
  ],
): Uint8Array<ArrayBuffer> {
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...files] }))
}

export function descriptorSetWith(methods: readonly MethodParts[]): Uint8Array<ArrayBuffer> {
  return descriptorSet([...imports.map(({ proto }) => proto), usersFile(methods)])
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
