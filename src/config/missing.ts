/** What a table names and this Worker lacks, told as problems of the document. */
import type { Missing } from './plan.ts'
import type { Problem } from './problem.ts'

const things: Readonly<Record<Missing['code'], string>> = {
  SECRET_MISSING: 'secret',
  SECRET_INVALID: 'secret',
  VARIABLE_MISSING: 'variable',
  SERVICE_MISSING: 'service binding',
  RATE_LIMITER_MISSING: '`ratelimits` binding',
}

/** PUT and `validate` refuse a table for it; a table that is in KV already is served. */
export function problemOfMissing({ pointer, code, name, form }: Missing): Problem {
  const invalid = code === 'SECRET_INVALID'
  // What is wrong with a secret is for its owner to see: no part of it is shown.
  const needed = invalid ? ` ${form ?? 'of the form that is needed here'}` : ''
  const expected = `a ${things[code]} "${name}"${needed}`
  const found = invalid ? 'another' : 'none'
  return {
    pointer,
    code,
    message: `expected ${expected}, found ${found} on this Worker`,
    found,
    expected,
    severity: 'environment',
  }
}
