/** Reads the JSON body of an admin request by a schema, with every problem at its place. */
import * as z from 'zod/mini'
import { readJson } from '../config/json.ts'
import { problemsOf } from '../config/messages.ts'
import { placeOf, pointerOf } from '../config/pointer.ts'
import type { Problem } from '../config/problem.ts'
import type { Refusal } from '../errors/refusal.ts'
import { readText } from './body.ts'
import type { AdminCall } from './call.ts'

export type ReadBody<Body> = { readonly kind: 'read'; readonly body: Body } | Refusal

interface Reading<Body> {
  readonly schema: z.ZodMiniType<Body>
  readonly limitBytes: number
  /** What an empty body stands for. */
  readonly whenEmpty?: string
  refuse(problems: readonly Problem[]): Refusal
}

export async function readBody<Body>(
  call: AdminCall,
  { schema, limitBytes, whenEmpty = '', refuse }: Reading<Body>,
): Promise<ReadBody<Body>> {
  const sent = await readText(call, limitBytes)
  if (sent.kind === 'refused') return sent
  if (sent.kind === 'undecodable') {
    return refuse([problem('', 'SYNTAX_INVALID', { found: 'no UTF-8', expected: 'JSON' })])
  }
  const text = sent.text.trim() === '' ? whenEmpty : sent.text
  const reading = readJson(text, { comments: false })
  if (reading.kind === 'broken') {
    const { path, offset, found, expected } = reading
    const { line, column } = placeOf(text, offset)
    const place = `line ${line}, column ${column}: `
    return refuse([problem(pointerOf(path), 'SYNTAX_INVALID', { found, expected, place })])
  }
  const twice = reading.duplicates.map((path) =>
    problem(pointerOf(path), 'KEY_DUPLICATE', { found: 'it twice', expected: 'each key once' }),
  )
  const parsed = z.safeParse(schema, reading.value)
  const problems = parsed.success
    ? twice
    : [...twice, ...problemsOf(parsed.error.issues, reading.value)]
  if (!parsed.success || problems.length > 0) return refuse(problems)
  return { kind: 'read', body: parsed.data }
}

/** A problem of what an operator sent. */
export function problem(
  pointer: string,
  code: string,
  { found, expected, place = '' }: { found: string; expected: string; place?: string },
): Problem {
  const message = `${place}expected ${expected}, found ${found}`
  return { pointer, code, message, found, expected, severity: 'form' }
}
