/** Bytes of a body to the value that they stand for. Never throws, whatever the bytes are. Pure. */
import { readCbor } from './cbor.ts'
import { decodeText } from './charset.ts'
import { readCsv } from './csv-read.ts'
import { readForm } from './form.ts'
import { type Decoded, type Format, invalid } from './format.ts'
import { readJson } from './json.ts'
import { readMsgpack } from './msgpack.ts'
import type { CsvOptions, XmlOptions } from './schema.ts'
import { decodeXml } from './xml/encoding.ts'
import { readXml } from './xml/read.ts'

export interface DecodeOptions {
  readonly xml?: XmlOptions | undefined
  readonly csv?: CsvOptions | undefined
}

/** `charset` is what the Content-Type says; formats of bytes have none. */
export function decodeBody(
  bytes: ArrayBuffer,
  format: Format,
  options: DecodeOptions & { readonly charset?: string | null },
): Decoded {
  const { charset = null } = options
  switch (format) {
    case 'json':
      return reading(decodeText(bytes, charset), readJson)
    case 'xml':
      return reading(decodeXml(bytes, charset), (text) => readXml(text, options.xml))
    case 'csv':
      return reading(decodeText(bytes, charset), (text) => readCsv(text, options.csv))
    case 'form':
      return reading(decodeText(bytes, charset), readForm)
    case 'cbor':
      return readCbor(bytes)
    case 'msgpack':
      return readMsgpack(bytes)
    case 'text':
      return reading(decodeText(bytes, charset), (value) => ({ kind: 'value', value }))
  }
}

function reading(text: string | null, read: (text: string) => Decoded): Decoded {
  return text === null ? invalid('it is no text in its character set') : read(text)
}
