/** Reads the record of an API key as KV has it. What cannot be read is no record: its key is refused. Pure. */
import * as z from 'zod/mini'
import type { Metadata } from '../../platform/ports.ts'
import { type KeyRecord, printable } from './record.ts'

const time = z.pipe(
  z.string(),
  z.transform((text, context) => {
    const at = Date.parse(text)
    if (Number.isFinite(at)) return at
    context.issues.push({ code: 'custom', message: 'no time', input: text })
    return z.NEVER
  }),
)
const label = z.string().check(z.minLength(1), z.regex(printable))
const labels = z._default(z.array(label), [])
const absent = <T extends z.core.SomeType>(schema: T) => z._default(z.nullable(schema), null)

const storedSchema = z.object({
  v: z.literal(1),
  id: label,
  prefix: z._default(z.string(), 'isg_…'),
  consumer: label,
  plan: absent(label),
  scopes: labels,
  roles: labels,
  permissions: labels,
  metadata: z._default(
    z.record(z.string(), z.union([z.string().check(z.regex(printable)), z.number(), z.boolean()])),
    {},
  ),
  routes: absent(z.array(z.string())),
  createdAt: time,
  expiresAt: absent(time),
  revokedAt: absent(time),
  replacedBy: absent(z.string()),
  graceUntil: absent(time),
  changedAt: z.optional(time),
  description: absent(z.string()),
})

/** The record of a text, or null where it is none that this build can read. */
export function parseRecord(text: string): KeyRecord | null {
  return readRecord(parseJson(text))
}

/** A summary as a record: what it leaves out is empty. Null where it is none. */
export function parseSummary(metadata: Metadata | null): KeyRecord | null {
  return readRecord(metadata)
}

function readRecord(value: unknown): KeyRecord | null {
  const parsed = z.safeParse(storedSchema, value)
  if (!parsed.success) return null
  const { v: _, ...record } = parsed.data
  return { ...record, changedAt: record.changedAt ?? record.createdAt }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
