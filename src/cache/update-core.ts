/** Asks the service whether a stored answer still holds, and brings it up to date (RFC 9111 §3.2, §4.3). Pure. */
import type { Fields } from '../http/headers.ts'
import type { AnswerHead } from './answer.ts'
import { joined } from './fields.ts'

/** The fields of a request that make it conditional (RFC 9110 §13.1), and those that go with a range. */
const conditionals = [
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
] as const

/** Takes the client's own conditions out: they are answered here, from what the service sends (§4.3.2). */
export function dropConditions(fields: Fields): void {
  for (const name of conditionals) delete fields[name]
}

/** Makes the request ask only for what changed (§4.3.1). */
export function askForChange(fields: Fields, head: AnswerHead): void {
  dropConditions(fields)
  delete fields.range
  const etag = joined(head.fields, 'etag')
  const lastModified = joined(head.fields, 'last-modified')
  if (etag !== null) fields['if-none-match'] = etag
  if (lastModified !== null) fields['if-modified-since'] = lastModified
}

/** What tells of the stored body itself, which neither a 304 nor a HEAD brings anew (§3.2). */
const ofTheBody = new Set(['content-encoding', 'content-length', 'content-range'])

export interface News {
  /** Of the 304, or of the answer to a HEAD: without fields of one hop. */
  readonly fields: AnswerHead['fields']
  readonly requestedAt: number
  readonly receivedAt: number
}

/** The head with the fields that came in the place of those of the same name (§3.2). */
export function bringUpToDate(head: AnswerHead, news: News): AnswerHead {
  const fresh = news.fields.filter(([name]) => !ofTheBody.has(name))
  const replaced = new Set(fresh.map(([name]) => name))
  // What they say is about the moment of the old answer: without news of them nothing is known of now.
  replaced.add('age').add('date')
  const kept = head.fields.filter(([name]) => !replaced.has(name))
  const { requestedAt, receivedAt } = news
  return { ...head, fields: [...kept, ...fresh], requestedAt, receivedAt }
}

/**
 * Whether an answer to HEAD is of the same representation as the stored one (§4.3.5): every validator and length
 * that both have is the same.
 */
export function isSameRepresentation(head: AnswerHead, news: News): boolean {
  return ['etag', 'last-modified', 'content-length'].every((name) => {
    const known = joined(head.fields, name)
    const told = joined(news.fields, name)
    return known === null || told === null || known === told
  })
}
