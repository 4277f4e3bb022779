/**
 * What templates of an aggregate refer to: earlier calls, the item of `forEach`, and the vocabulary. Names of calls
 * stand before those of the vocabulary. Pure.
 */
import { suggestion } from '../../../schema/nearest.ts'
import { type InvalidTemplate, type Resolved, splitTemplate } from '../../../template/parse.ts'
import { expectedName, isAttributeName } from '../../../template/vocabulary.ts'
import type { CallForm } from '../scope.ts'

export type ReferencePart = { readonly kind: 'text'; readonly text: string } | Reference

export type Reference =
  /** `name` as written, such as `params.id`. */
  | { readonly kind: 'attribute'; readonly name: string }
  /** `path` leads from the call, as expressions see it: ['body', 'items', '0']. */
  | {
      readonly kind: 'call'
      readonly name: string
      readonly call: string
      readonly path: readonly string[]
    }
  /** `path` leads from the item; empty for the item itself. */
  | { readonly kind: 'item'; readonly name: string; readonly path: readonly string[] }

export interface ReferenceTemplate {
  readonly kind: 'template'
  readonly parts: readonly ReferencePart[]
}

/** Which names stand for something at this place. */
export interface Names {
  readonly calls: ReadonlyMap<string, CallForm>
  /** Whether there is an `item`. */
  readonly hasItem: boolean
}

export function parseReferences(text: string, names: Names): ReferenceTemplate | InvalidTemplate {
  return splitTemplate(text, (name) => resolveReference(name, names))
}

function resolveReference(name: string, { calls, hasItem }: Names): Resolved<Reference> {
  const [root = '', ...path] = name.split('.')
  if (root === 'item') {
    if (!hasItem) return { kind: 'invalid', reason: 'no `item` in a call without `forEach`' }
    if (path.includes('')) return nameAfter(name)
    return { kind: 'part', part: { kind: 'item', name, path } }
  }
  const form = calls.get(root)
  if (form !== undefined) return resolveCall(name, root, path, form)
  if (isAttributeName(name)) return { kind: 'part', part: { kind: 'attribute', name } }
  const meant = suggestion(root, calls.keys())
  return meant === ''
    ? { kind: 'invalid', reason: expectedName(name) }
    : {
        kind: 'invalid',
        reason: `a name that templates or calls have in place of "${name}"${meant}`,
      }
}

const nameAfter = (name: string): Resolved<never> => ({
  kind: 'invalid',
  reason: `a name after each "." in "\${${name}}"`,
})

function resolveCall(
  name: string,
  call: string,
  path: readonly string[],
  { isList }: CallForm,
): Resolved<Reference> {
  if (path.includes('')) return nameAfter(name)
  const [index = '', ...within] = path
  if (isList && !/^\d+$/.test(index)) {
    const reason = `an index after "${call}" in "\${${name}}", as in "${call}.0.body": with \`forEach\` it is a list`
    return { kind: 'invalid', reason }
  }
  const [part = '', ...rest] = isList ? within : path
  const isWhole = part === 'body' || (part === 'status' && rest.length === 0)
  if (isWhole || (part === 'headers' && rest.length > 0)) {
    // Fields have lower-case names, and a name of a field has dots as it likes.
    const own = part === 'headers' ? ['headers', rest.join('.').toLowerCase()] : [part, ...rest]
    const whole = isList ? [index, ...own] : own
    return { kind: 'part', part: { kind: 'call', name, call, path: whole } }
  }
  const reason = `"status", "headers.<name>" or "body" after "${call}" in "\${${name}}"`
  return { kind: 'invalid', reason }
}
