/** The targets of a DNS answer (RFC 2782). Pure. */
import type { Listed } from '../entry-core.ts'
import { urlAt } from '../entry-core.ts'
import type { SourceOf } from '../rules.ts'
import type { DnsAnswer, DnsRecord } from './dns-message-core.ts'

export interface DnsList {
  readonly listed: readonly Listed[]
  /** The shortest of its records; null where there is none that says. */
  readonly ttlMs: number | null
}

const NO_ERROR = 0
const NO_SUCH_NAME = 3

/** Null where the resolver failed. That a name does not exist is an answer: there is no target. */
export function listDns(answer: DnsAnswer, source: SourceOf<'dns'>): DnsList | null {
  if (answer.kind === 'unreadable') return null
  const { code, records, negativeSeconds } = answer
  if (code !== NO_ERROR && code !== NO_SUCH_NAME) return null
  if (records.length === 0) {
    return { listed: [], ttlMs: negativeSeconds === null ? null : 1000 * negativeSeconds }
  }
  const ranks = ranksOf(records)
  return {
    listed: records.flatMap((record) => listRecord(record, source, ranks)),
    ttlMs: 1000 * Math.min(...records.map(({ ttlSeconds }) => ttlSeconds)),
  }
}

function listRecord(
  record: DnsRecord,
  { port, scheme }: SourceOf<'dns'>,
  ranks: readonly number[],
): Listed[] {
  if (record.type === 'A') return [{ url: urlAt(record.address, port, scheme) }]
  // The root as host says that the service is not there at all (RFC 2782).
  if (record.host === '') return []
  return [
    {
      url: urlAt(record.host, record.port, scheme),
      // Weight 0 is a small chance, not none: one beside ten times the others.
      weight: record.weight === 0 ? 1 : 10 * record.weight,
      priority: Math.min(100, ranks.indexOf(record.priority)),
    },
  ]
}

/** The distinct priorities, lowest first: theirs go up to 65,535, those of targets to 100. */
function ranksOf(records: readonly DnsRecord[]): readonly number[] {
  const priorities = records.flatMap((record) => (record.type === 'SRV' ? [record.priority] : []))
  return [...new Set(priorities)].sort((one, other) => one - other)
}
