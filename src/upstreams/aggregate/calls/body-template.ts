/** The body of a call: JSON in which strings are templates, or a text that is one. */
import type { Refusal } from '../../../errors/refusal.ts'
import { bindClaim } from '../../../template/value-at.ts'
import { readAttribute } from '../../../template/vocabulary.ts'
import type { Reference } from '../plan/references.ts'
import type { CallSpec } from '../schema.ts'
import {
  bindCallTemplate,
  bindValue,
  type CallMoment,
  isValue,
  partsOf,
  type TemplateScope,
} from './call-template.ts'

export interface BoundBody {
  /** Where the call says none itself. */
  readonly contentType: string
  render(moment: CallMoment): string | Refusal
}

/** Null where the call has no body. */
export function bindBody({ json, body }: CallSpec, scope: TemplateScope): BoundBody | null {
  if (json !== undefined) {
    const make = bindJson(json, scope)
    return {
      contentType: 'application/json',
      // A whole that is one value and is not there is null: JSON has no other nothing.
      render: (moment) => JSON.stringify(make(moment)) ?? 'null',
    }
  }
  if (body === undefined) return null
  const render = bindCallTemplate(body, 'plain', scope)
  return { contentType: 'text/plain; charset=utf-8', render: (moment) => render(moment) ?? '' }
}

type Make = (moment: CallMoment) => unknown

/** Members that come to nothing are left out, as JSON.stringify does; elements are null. */
function bindJson(value: unknown, scope: TemplateScope): Make {
  if (typeof value === 'string') return bindString(value, scope)
  if (typeof value !== 'object' || value === null) return () => value
  if (Array.isArray(value)) {
    const elements = value.map((element) => bindJson(element, scope))
    return (moment) => elements.map((make) => make(moment))
  }
  const members = Object.entries(value).map(
    ([key, member]) => [key, bindJson(member, scope)] as const,
  )
  return (moment) => Object.fromEntries(members.map(([key, make]) => [key, make(moment)]))
}

/** A string that is one placeholder takes the value as it is. */
function bindString(text: string, scope: TemplateScope): Make {
  const parts = partsOf(text, scope)
  const [only] = parts
  if (parts.length === 1 && only !== undefined) {
    if (only.kind === 'text') return () => only.text
    return isValue(only) ? bindValue(only, scope) : bindTyped(only)
  }
  const render = bindCallTemplate(text, 'plain', scope)
  return (moment) => render(moment)
}

/** Claims have types; all else that a request says is text. */
function bindTyped({ name }: Extract<Reference, { kind: 'attribute' }>): Make {
  if (name.startsWith('claims.')) {
    const readClaim = bindClaim(name.slice('claims.'.length))
    return ({ exchange }) => readClaim(exchange)
  }
  const read = readAttribute(name)
  return ({ exchange }) => read?.(exchange)
}
