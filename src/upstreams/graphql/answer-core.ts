/** What the text of an answer says (GraphQL, October 2021, §7): data, errors, or nothing that can be read. Pure. */
import { readJson } from '../../formats/json.ts'
import { isObject } from '../../formats/json-object.ts'

export interface ShownError {
  readonly message?: string
  readonly path?: readonly (string | number)[]
  readonly code?: string
}

export interface Said {
  readonly kind: 'said'
  /** Null where there is none: the operation failed as a whole. */
  readonly data: Readonly<Record<string, unknown>> | null
  readonly errors: readonly ShownError[]
}

/** `reason` is in kebab-case, for the operator's event. */
export type AnswerRead = Said | { readonly kind: 'invalid'; readonly reason: string }

// A service may say more than anyone reads: an error for each element of a list, stack traces in messages.
const MAX_ERRORS = 20
const MAX_MESSAGE_LENGTH = 500
const MAX_PATH_STEPS = 32
const MAX_NAME_LENGTH = 100

export function readAnswer(text: string): AnswerRead {
  const decoded = readJson(text)
  if (decoded.kind === 'invalid') return invalid('json')
  const { value } = decoded
  if (!isObject(value)) return invalid('no-object')
  const data = Object.hasOwn(value, 'data') ? value.data : null
  const errors = Object.hasOwn(value, 'errors') ? (value.errors ?? []) : []
  if (data !== null && !isObject(data)) return invalid('data-no-object')
  if (!Array.isArray(errors)) return invalid('errors-no-list')
  if (data === null && errors.length === 0) return invalid('no-data')
  return { kind: 'said', data, errors: errors.slice(0, MAX_ERRORS).map(shownError) }
}

function shownError(found: unknown): ShownError {
  if (!isObject(found)) return {}
  const { message, path, extensions } = found
  const code = isObject(extensions) && Object.hasOwn(extensions, 'code') ? extensions.code : null
  const shownPath = Array.isArray(path) ? pathOf(path) : null
  return {
    ...(typeof message === 'string' ? { message: message.slice(0, MAX_MESSAGE_LENGTH) } : {}),
    ...(shownPath === null ? {} : { path: shownPath }),
    ...(typeof code === 'string' ? { code: code.slice(0, MAX_NAME_LENGTH) } : {}),
  }
}

function pathOf(path: readonly unknown[]): readonly (string | number)[] {
  return path
    .slice(0, MAX_PATH_STEPS)
    .map((step) => (typeof step === 'number' ? step : String(step).slice(0, MAX_NAME_LENGTH)))
}

function invalid(reason: string): AnswerRead {
  return { kind: 'invalid', reason: `graphql-${reason}` }
}

/** Nothing of what was asked for is there: a field that failed is null, and so are those around it (§6.4.4). */
export function isNothing(result: unknown, isWhole: boolean): boolean {
  if (result === null || result === undefined) return true
  return isWhole && isObject(result) && Object.values(result).every((field) => field === null)
}
