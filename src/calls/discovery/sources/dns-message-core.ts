/** Messages of the DNS on the wire (RFC 1035 §4), as far as SRV (RFC 2782) and A records need them. Pure. */

export type RecordType = 'A' | 'SRV'

const typeNumbers: Readonly<Record<RecordType, number>> = { A: 1, SRV: 33 }
const SOA = 6
const IN = 1

export type DnsRecord =
  | { readonly type: 'A'; readonly ttlSeconds: number; readonly address: string }
  | {
      readonly type: 'SRV'
      readonly ttlSeconds: number
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly host: string
    }

export type DnsAnswer =
  | {
      readonly kind: 'answer'
      /** RFC 1035 §4.1.1: 0 is no error, 3 no such name. */
      readonly code: number
      readonly records: readonly DnsRecord[]
      /** How long it holds that there is nothing (RFC 2308 §5); null where it is not said. */
      readonly negativeSeconds: number | null
    }
  | { readonly kind: 'unreadable' }

/** A question; its id is 0, so that whoever keeps answers knows it again (RFC 8484 §4.1). */
export function encodeQuestion(name: string, type: RecordType): Uint8Array {
  const labels = name.replace(/\.$/, '').split('.')
  const size = 12 + labels.reduce((sum, label) => sum + 1 + label.length, 0) + 1 + 4
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint16(2, 0x0100) // Recursion is wanted.
  view.setUint16(4, 1)
  let at = 12
  for (const label of labels) {
    bytes[at] = label.length
    for (let index = 0; index < label.length; index += 1) {
      bytes[at + 1 + index] = label.charCodeAt(index)
    }
    at += 1 + label.length
  }
  view.setUint16(at + 1, typeNumbers[type])
  view.setUint16(at + 3, IN)
  return bytes
}

const unreadable: DnsAnswer = Object.freeze({ kind: 'unreadable' })

export function decodeAnswer(bytes: Uint8Array, type: RecordType): DnsAnswer {
  if (bytes.length < 12) return unreadable
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = view.getUint16(2)
  const isResponse = (flags & 0x8000) !== 0
  const isCut = (flags & 0x0200) !== 0
  if (!isResponse || isCut) return unreadable
  const counts = {
    questions: view.getUint16(4),
    answers: view.getUint16(6),
    others: view.getUint16(8),
  }
  let at = 12
  for (let index = 0; index < counts.questions; index += 1) {
    const name = readName(bytes, at)
    if (name === null) return unreadable
    at = name.end + 4
  }
  const records: DnsRecord[] = []
  let negativeSeconds: number | null = null
  for (let index = 0; index < counts.answers + counts.others; index += 1) {
    const read = readRecord(view, bytes, at)
    if (read === null) return unreadable
    at = read.end
    const isAnswer = index < counts.answers
    if (isAnswer && read.type === typeNumbers[type] && read.network === IN) {
      const record = readData(view, bytes, read, type)
      if (record === null) return unreadable
      records.push(record)
    }
    if (!isAnswer && read.type === SOA && read.length >= 20) {
      // The last field of the record is the bound.
      const least = view.getUint32(read.end - 4)
      negativeSeconds = Math.min(read.ttlSeconds, least)
    }
  }
  return { kind: 'answer', code: flags & 0x000f, records, negativeSeconds }
}

interface RawRecord {
  readonly type: number
  readonly network: number
  readonly ttlSeconds: number
  readonly start: number
  readonly length: number
  readonly end: number
}

function readRecord(view: DataView, bytes: Uint8Array, at: number): RawRecord | null {
  const name = readName(bytes, at)
  if (name === null || name.end + 10 > bytes.length) return null
  const length = view.getUint16(name.end + 8)
  const start = name.end + 10
  if (start + length > bytes.length) return null
  const ttl = view.getUint32(name.end + 4)
  return {
    type: view.getUint16(name.end),
    network: view.getUint16(name.end + 2),
    // With the highest bit set it counts as 0 (RFC 2181 §8).
    ttlSeconds: ttl > 0x7fffffff ? 0 : ttl,
    start,
    length,
    end: start + length,
  }
}

function readData(
  view: DataView,
  bytes: Uint8Array,
  { start, length, ttlSeconds }: RawRecord,
  type: RecordType,
): DnsRecord | null {
  if (type === 'A') {
    if (length !== 4) return null
    return { type, ttlSeconds, address: [...bytes.subarray(start, start + 4)].join('.') }
  }
  if (length < 7) return null
  const name = readName(bytes, start + 6)
  if (name === null) return null
  return {
    type,
    ttlSeconds,
    priority: view.getUint16(start),
    weight: view.getUint16(start + 2),
    port: view.getUint16(start + 4),
    host: name.text,
  }
}

const MAX_JUMPS = 64 // A name has 127 labels at most; one that points in circles has no end.

/** A name, its labels joined; `end` is where it ends in the message. */
function readName(bytes: Uint8Array, from: number): { text: string; end: number } | null {
  const labels: string[] = []
  let at = from
  let end: number | null = null
  let jumps = 0
  for (;;) {
    const length = bytes[at]
    if (length === undefined) return null
    if (length === 0) return { text: labels.join('.'), end: end ?? at + 1 }
    if ((length & 0xc0) === 0xc0) {
      const low = bytes[at + 1]
      jumps += 1
      if (low === undefined || jumps > MAX_JUMPS) return null
      end ??= at + 2
      at = ((length & 0x3f) << 8) | low
      continue
    }
    if (length > 63 || at + 1 + length > bytes.length || labels.length > 127) return null
    labels.push(String.fromCharCode(...bytes.subarray(at + 1, at + 1 + length)))
    at += 1 + length
  }
}
