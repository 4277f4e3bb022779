/**
 * What a set of descriptors (google.protobuf.FileDescriptorSet) says of services, read without the protobuf library: it
 * is enough to judge a set, to list it and to route by it, also where a table is checked and nothing may be loaded. Pure.
 */
import { HTTP_EXTENSION, type HttpRule, readHttpRules } from './http-rule-core.ts'
import { readWire, textOf, type WireField } from './wire-core.ts'

export interface OutlineMethod {
  readonly name: string
  readonly isClientStreaming: boolean
  readonly isServerStreaming: boolean
  /** `idempotency_level` says that it may be called twice: NO_SIDE_EFFECTS or IDEMPOTENT. */
  readonly isIdempotent: boolean
  readonly rules: readonly HttpRule[]
}

export interface OutlineService {
  /** With its package. */
  readonly name: string
  readonly methods: readonly OutlineMethod[]
}

export type Outline =
  | { readonly kind: 'outline'; readonly services: readonly OutlineService[] }
  /** `reason`: what was found, to read after "found". */
  | { readonly kind: 'invalid'; readonly reason: string }

const MAX_SERVICES = 1_000
const MAX_METHODS = 10_000 // over all services of a set

// Numbers of fields (google/protobuf/descriptor.proto).
const SET_FILE = 1
const FILE_NAME = 1
const FILE_PACKAGE = 2
const FILE_DEPENDENCY = 3
const FILE_SERVICE = 6
const NAME = 1
const SERVICE_METHOD = 2
const METHOD_OPTIONS = 4
const METHOD_CLIENT_STREAMING = 5
const METHOD_SERVER_STREAMING = 6
const OPTIONS_IDEMPOTENCY = 34

export function readOutline(bytes: Uint8Array): Outline {
  const files = messagesOf(readWire(bytes), SET_FILE)
  if (files === null) return invalid('bytes that are no set of descriptors')
  if (files.length === 0) return invalid('a set without files')
  const known = new Set<string>()
  const services: OutlineService[] = []
  let methods = 0
  for (const file of files) {
    const name = lastText(file, FILE_NAME)
    if (name === null) return invalid('a file without a name')
    for (const dependency of file.filter(({ no }) => no === FILE_DEPENDENCY).map(textOf)) {
      if (dependency === null || known.has(dependency)) continue
      return invalid(`${name}, which imports ${dependency}, and not that file before it`)
    }
    known.add(name)
    const read = readServices(file)
    if (read === null) return invalid(`a service of ${name} that cannot be read`)
    services.push(...read)
    methods += read.reduce((sum, service) => sum + service.methods.length, 0)
    if (services.length > MAX_SERVICES) return invalid(`more than ${MAX_SERVICES} services`)
    if (methods > MAX_METHODS) return invalid(`more than ${MAX_METHODS} methods`)
  }
  return { kind: 'outline', services }
}

/** The method of a service, or null where the set has none of these names. */
export function findMethod(
  services: readonly OutlineService[],
  service: string,
  method: string,
): OutlineMethod | null {
  const found = services.find(({ name }) => name === service)
  return found?.methods.find(({ name }) => name === method) ?? null
}

function readServices(file: readonly WireField[]): readonly OutlineService[] | null {
  const scope = lastText(file, FILE_PACKAGE) ?? ''
  const services: OutlineService[] = []
  const messages = messagesOf(file, FILE_SERVICE)
  if (messages === null) return null
  for (const service of messages) {
    const name = lastText(service, NAME)
    const methods = messagesOf(service, SERVICE_METHOD)?.map(readMethod) ?? null
    if (name === null || methods === null || methods.includes(null)) return null
    const full = scope === '' ? name : `${scope}.${name}`
    services.push({ name: full, methods: methods.filter((method) => method !== null) })
  }
  return services
}

function readMethod(method: readonly WireField[]): OutlineMethod | null {
  const name = lastText(method, NAME)
  const options = messagesOf(method, METHOD_OPTIONS)?.flat() ?? null
  if (name === null || options === null) return null
  const rules: HttpRule[] = []
  for (const { no, bytes } of options) {
    if (no !== HTTP_EXTENSION || bytes === null) continue
    const read = readHttpRules(bytes)
    if (read === null) return null
    rules.push(...read)
  }
  const level = lastNumber(options, OPTIONS_IDEMPOTENCY)
  return {
    name,
    isClientStreaming: lastNumber(method, METHOD_CLIENT_STREAMING) === 1,
    isServerStreaming: lastNumber(method, METHOD_SERVER_STREAMING) === 1,
    isIdempotent: level === 1 || level === 2,
    rules,
  }
}

/** The messages in a field, or null where one of them is none. */
function messagesOf(fields: readonly WireField[] | null, no: number) {
  if (fields === null) return null
  const messages: (readonly WireField[])[] = []
  for (const field of fields) {
    if (field.no !== no) continue
    const message = field.bytes === null ? null : readWire(field.bytes)
    if (message === null) return null
    messages.push(message)
  }
  return messages
}

function lastText(fields: readonly WireField[], no: number): string | null {
  const field = fields.findLast((one) => one.no === no)
  return field === undefined ? null : textOf(field)
}

function lastNumber(fields: readonly WireField[], no: number): number | null {
  return fields.findLast((one) => one.no === no)?.number ?? null
}

function invalid(reason: string): Outline {
  return { kind: 'invalid', reason }
}
