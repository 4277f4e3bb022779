/** The fields of a service's answer as a call sees them: what its call pipeline asks to change of them is applied here. */
import { emptyFields, type Fields } from '../../../http/headers.ts'
import type { AnswerEdit, AnswerValue, Exchange } from '../../../pipeline/exchange.ts'

export interface AnswerFields {
  readonly headers: Fields
  /** The lines of Set-Cookie: they may not be joined (RFC 9110 §5.3). */
  readonly cookies: readonly string[]
}

const COOKIES = 'set-cookie'

/** What the aggregate itself looks at. To ask for these takes a third of the time that it takes to read all. */
const ownNames = [
  'cache-control',
  'content-encoding',
  'content-length',
  'content-type',
  'expires',
  'vary',
]

/** All fields where something of the table may look at any, or changes them; else those that count here. */
export function readAnswerFields(
  { headers, status }: Response,
  edits: readonly AnswerEdit[],
  exchange: Exchange,
  showsFields: boolean,
): AnswerFields {
  if (!showsFields && edits.length === 0 && status < 400) return readOwn(headers)
  const fields = emptyFields()
  let hasCookies = false
  headers.forEach((value, name) => {
    if (name === 'set-cookie') hasCookies = true
    else fields[name] = value
  })
  const found = { headers: fields, cookies: hasCookies ? headers.getSetCookie() : [] }
  for (const edit of edits) apply(found, edit, exchange)
  return found
}

function readOwn(headers: Headers): AnswerFields {
  const fields = emptyFields()
  for (const name of ownNames) copy(headers, name, fields)
  // They say from when the others count.
  if (fields.expires !== undefined) copy(headers, 'date', fields)
  if (fields.expires !== undefined || fields['cache-control'] !== undefined) {
    copy(headers, 'age', fields)
  }
  return { headers: fields, cookies: headers.has(COOKIES) ? headers.getSetCookie() : noCookies }
}

function copy(headers: Headers, name: string, into: Fields): void {
  const value = headers.get(name)
  if (value !== null) into[name] = value
}

const noCookies: readonly string[] = []

interface Found {
  readonly headers: Fields
  readonly cookies: string[]
}

function apply({ headers, cookies }: Found, edit: AnswerEdit, exchange: Exchange): void {
  if (edit.kind === 'removePrefix') {
    for (const name of Object.keys(headers)) if (name.startsWith(edit.prefix)) delete headers[name]
    return
  }
  const name = edit.name.toLowerCase()
  switch (edit.kind) {
    case 'set':
    case 'add': {
      const value = read(edit.value, exchange)
      if (name === COOKIES) {
        if (edit.kind === 'set') cookies.length = 0
        cookies.push(value)
      } else if (edit.kind === 'set' || headers[name] === undefined) headers[name] = value
      else headers[name] += `, ${value}`
      return
    }
    case 'remove':
      if (name === COOKIES) cookies.length = 0
      else delete headers[name]
      return
    case 'rename': {
      const value = headers[name]
      if (value === undefined) return
      delete headers[name]
      headers[edit.to.toLowerCase()] = value
      return
    }
    case 'list': {
      const there = headers[name]
      headers[name] = [...(there === undefined ? [] : [there]), ...edit.values].join(', ')
    }
  }
}

function read(value: AnswerValue, exchange: Exchange): string {
  return typeof value === 'string' ? value : value(exchange)
}
