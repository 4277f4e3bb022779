/** One part of a hash's key: a name of the vocabulary, or a template. */
import { text } from '../../schema/atoms.ts'
import { parseTemplate } from '../../template/parse.ts'
import { fitsTemplate } from '../../template/schema.ts'
import { expectedName, isAttributeName } from '../../template/vocabulary.ts'

export const hashKey = text(
  fitsTemplate((written) => {
    const expected = judge(written)
    return expected === null ? null : `expected ${expected}`
  }),
)

/** What was expected in the place of this part; null where it is one. */
function judge(written: string): string | null {
  if (!written.includes('${')) return isAttributeName(written) ? null : expectedName(written)
  const parsed = parseTemplate(written)
  if (parsed.kind === 'invalid') return parsed.reason
  // Without anything of the request every call would go to the same target.
  const reads = parsed.parts.some(({ kind }) => kind === 'attribute')
  return reads ? null : 'a template that reads something of the request'
}
