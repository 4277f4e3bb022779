/** Asks a resolver over HTTPS, in the form of the wire (RFC 8484): every resolver that speaks it has this one. */
import { base64urlOf } from '../../../http/base64.ts'
import type { WakeIo } from '../../state/part.ts'
import type { Reading } from '../core.ts'
import { readEntries } from '../entry-core.ts'
import type { SourceOf } from '../rules.ts'
import { ask, LIST_TIMEOUT_MS, unreadable } from './ask.ts'
import { listDns } from './dns-core.ts'
import { decodeAnswer, encodeQuestion } from './dns-message-core.ts'

export async function readDns(source: SourceOf<'dns'>, io: WakeIo): Promise<Reading> {
  const type = source.record === 'srv' ? 'SRV' : 'A'
  const question = base64urlOf(encodeQuestion(source.name, type))
  const told = await ask(
    {
      url: `${source.resolver}?dns=${question}`,
      headers: { accept: 'application/dns-message' },
      timeoutMs: LIST_TIMEOUT_MS,
    },
    io,
  )
  if (told.kind !== 'told') return told.kind === 'failed' ? told : unreadable
  const answer = decodeAnswer(told.value, type)
  const list = listDns(answer, source)
  if (list === null) {
    return answer.kind === 'unreadable'
      ? unreadable
      : { kind: 'failed', reason: `source-dns-code-${answer.code}` }
  }
  return { kind: 'list', ...readEntries(list.listed), cursor: null, ttlMs: list.ttlMs }
}
