/** A value to the body that stands for it; text is to be sent as UTF-8. Never throws, whatever the value is. Pure. */
import { writeCbor } from './cbor.ts'
import { writeCsv } from './csv-write.ts'
import { writeForm } from './form.ts'
import { type Encoded, type Format, invalid } from './format.ts'
import { writeJson } from './json.ts'
import { writeMsgpack } from './msgpack.ts'
import type { CsvOptions, XmlOptions } from './schema.ts'
import { writeXml } from './xml/write.ts'

export interface EncodeOptions {
  readonly xml?: XmlOptions | undefined
  readonly csv?: CsvOptions | undefined
}

export function encodeBody(value: unknown, format: Format, options: EncodeOptions): Encoded {
  switch (format) {
    case 'json':
      return writeJson(value)
    case 'xml':
      return writeXml(value, options.xml)
    case 'csv':
      return writeCsv(value, options.csv)
    case 'form':
      return writeForm(value)
    case 'cbor':
      return writeCbor(value)
    case 'msgpack':
      return writeMsgpack(value)
    case 'text':
      return writeText(value)
  }
}

function writeText(value: unknown): Encoded {
  if (value === null || value === undefined) return { kind: 'bytes', bytes: '' }
  if (typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol') {
    return invalid('text is written from a string, a number or a boolean')
  }
  return { kind: 'bytes', bytes: String(value) }
}
