/** One part of a hash's key: a name of the vocabulary, or a template. */
import * as z from 'zod/mini'
import { text } from '../../schema/atoms.ts'
import { parseTemplate } from '../../template/parse.ts'
import { expectedName, isAttributeName } from '../../template/vocabulary.ts'

const readsRequest = z.check<string>((payload) => {
  const problem = problemOf(payload.value)
  if (problem === null) return
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    message: `expected ${problem}`,
    params: { code: 'TEMPLATE_INVALID' },
    continue: true,
  })
}) as z.core.$ZodCheck<string>

export const hashKey = text(readsRequest)

function problemOf(written: string): string | null {
  if (!written.includes('${')) return isAttributeName(written) ? null : expectedName(written)
  const parsed = parseTemplate(written)
  if (parsed.kind === 'invalid') return parsed.reason
  // Without anything of the request every call would go to the same target.
  const reads = parsed.parts.some(({ kind }) => kind === 'attribute')
  return reads ? null : 'a template that reads something of the request'
}
