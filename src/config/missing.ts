/** What a table names and this Worker lacks, told as problems of the document. */
import type { Missing } from './plan.ts'
import type { Problem } from './problem.ts'

const things: Readonly<Record<Missing['code'], string>> = {
  SECRET_MISSING: 'secret',
  VARIABLE_MISSING: 'variable',
  SERVICE_MISSING: 'service binding',
}

/** PUT and `validate` refuse a table for it; a table that is in KV already is served. */
export function problemOfMissing({ pointer, code, name }: Missing): Problem {
  const expected = `a ${things[code]} "${name}"`
  return {
    pointer,
    code,
    message: `expected ${expected}, found none on this Worker`,
    found: 'none',
    expected,
    severity: 'environment',
  }
}
