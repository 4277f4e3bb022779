/** What a table names and this Worker lacks, told as problems of the document. */
import type { Missing } from './plan.ts'
import type { Problem } from './problem.ts'

const things: Readonly<Record<Missing['code'], string>> = {
  SECRET_MISSING: 'secret',
  SECRET_INVALID: 'secret without line breaks and NUL',
  VARIABLE_MISSING: 'variable',
  SERVICE_MISSING: 'service binding',
}

/** PUT and `validate` refuse a table for it; a table that is in KV already is served. */
export function problemOfMissing({ pointer, code, name }: Missing): Problem {
  const expected = `a ${things[code]} "${name}"`
  const found = code === 'SECRET_INVALID' ? 'one that has some' : 'none'
  return {
    pointer,
    code,
    message: `expected ${expected}, found ${found} on this Worker`,
    found,
    expected,
    severity: 'environment',
  }
}
