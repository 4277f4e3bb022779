/**
 * What an API key looks like: `isg_<env>_<random><checksum>`. A scanner finds it by its shape and tells a real
 * one by its checksum, and a mistyped key is refused before any store is asked. Pure.
 */

/** Digits of base62, in the order of their values. */
export const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Characters of the random part: log2(62) × 27 is 160 bits; the four that lists show leave 137. */
export const RANDOM_LENGTH = 27
/** Digits of the checksum: 62^6 is more than 2^32. */
const CHECKSUM_LENGTH = 6
const SHOWN_LENGTH = 4

const shape = /^isg_[a-z0-9]{1,12}_[0-9A-Za-z]{33}$/
// Longer than any key is: what is longer is not even looked up.
const MAX_LENGTH = 4 + 12 + 1 + RANDOM_LENGTH + CHECKSUM_LENGTH

export const environmentForm = /^[a-z0-9]{1,12}$/

/** The key with this environment and random part, which has 27 digits of base62. */
export function composeKey(env: string, random: string): string {
  const body = `isg_${env}_${random}`
  return body + checksumOf(body)
}

/** Whether a text may be a key at all: it has the length, but neither shape nor checksum were looked at. */
export function hasKeyLength(text: string): boolean {
  return text.length > 0 && text.length <= MAX_LENGTH
}

/** Whether a text has the shape of a key and its own checksum. */
export function isWellFormed(text: string): boolean {
  if (!hasKeyLength(text) || !shape.test(text)) return false
  const body = text.slice(0, -CHECKSUM_LENGTH)
  return text.slice(-CHECKSUM_LENGTH) === checksumOf(body)
}

/** What lists show of a key, to tell it from others: `isg_live_abcd…`. */
export function prefixOf(key: string): string {
  const randomAt = key.indexOf('_', 4) + 1
  return `${key.slice(0, randomAt + SHOWN_LENGTH)}…`
}

/** CRC-32 of the text (ISO-HDLC, as in gzip) in six digits of base62. */
export function checksumOf(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = base62.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

/** Bit by bit: fifty characters take less than a microsecond, and only keys that are not in memory come here. */
function crc32(ascii: string): number {
  let crc = 0xffffffff
  for (let index = 0; index < ascii.length; index++) {
    crc ^= ascii.charCodeAt(index)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

/** The random part of a key from bytes in hex; bytes from 248 on are left out, so that each digit is as likely. */
export function randomPart(hex: (bytes: number) => string): string {
  let digits = ''
  while (digits.length < RANDOM_LENGTH) {
    const bytes = hex(RANDOM_LENGTH)
    for (let at = 0; at < bytes.length && digits.length < RANDOM_LENGTH; at += 2) {
      const byte = Number.parseInt(bytes.slice(at, at + 2), 16)
      if (byte < 248) digits += base62.charAt(byte % 62)
    }
  }
  return digits
}
