/** Prints plain data as Cap'n Proto text: objects as structs, arrays as lists, strings quoted byte for byte. */

export type CapnpValue =
  | string
  | number
  | boolean
  | Raw
  | readonly CapnpValue[]
  | { readonly [field: string]: CapnpValue | undefined }

/** Text that stands as it is: a reference such as `.gateway`, or `embed "file"`. */
export class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A file whose content becomes part of the configuration; the path is relative to the configuration file. */
export function embed(path: string): Raw {
  return new Raw(`embed ${quoted(path)}`)
}

/** The value as Cap'n Proto text; fields that are undefined are left out. */
export function printCapnp(value: CapnpValue, indent = ''): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value instanceof Raw) return value.text
  const deeper = `${indent}  `
  if (isList(value)) {
    if (value.length === 0) return '[]'
    const items = value.map((item) => `${deeper}${printCapnp(item, deeper)}`)
    return `[\n${items.join(',\n')}\n${indent}]`
  }
  const fields = Object.entries(value).flatMap(([name, field]) =>
    field === undefined ? [] : [`${name} = ${printCapnp(field, indent)}`],
  )
  return `(${fields.join(', ')})`
}

function isList(value: CapnpValue): value is readonly CapnpValue[] {
  return Array.isArray(value)
}

/**
 * A Cap'n Proto string. All but printable ASCII goes as the octal escapes of its UTF-8 bytes: the one
 * escape that its parser, the shell of nobody and every editor read alike.
 */
export function quoted(text: string): string {
  let out = '"'
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte)
    if (character === '"' || character === '\\') out += `\\${character}`
    else if (byte >= 0x20 && byte < 0x7f) out += character
    else out += `\\${byte.toString(8).padStart(3, '0')}`
  }
  return `${out}"`
}
