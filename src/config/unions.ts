/** Reads the issues of a union: which branch the operator meant, and what all of them would have taken. */
import type * as z from 'zod/mini'

type Issue = z.core.$ZodIssue
/** What one branch of a union found wrong with the value. */
export type Branch = readonly Issue[]

/** The branches of a union; a union that is itself a branch gives its own branches in its place. */
export function branchesOf(issue: z.core.$ZodIssueInvalidUnion): Branch[] {
  return issue.errors.flatMap((errors) => {
    const [first] = errors
    const isNested = errors.length === 1 && first?.code === 'invalid_union' && isRoot(first)
    return isNested && first.errors.length > 0 ? branchesOf(first) : [errors as Branch]
  })
}

/** The branch that fits the value best, or null where its type fits none. */
export function meantBranch(branches: readonly Branch[], value: unknown): Branch | null {
  const fitting = branches.filter((branch) => fits(branch, value))
  let best: Branch | null = null
  for (const branch of fitting) {
    if (best === null || costOf(branch, value) < costOf(best, value)) best = branch
  }
  return best
}

/** What was expected, as it reads after "expected": the alternatives in one phrase. */
export function expectedOf(issues: readonly Issue[]): string {
  const literals = new Set<string>()
  const phrases = new Set<string>()
  for (const issue of issues) {
    if (issue.message === VARIABLE) continue
    if (issue.code === 'invalid_value' && issue.message === UNSAID) {
      for (const value of issue.values) literals.add(JSON.stringify(value))
    } else phrases.add(phraseOf(issue))
  }
  if (literals.size > 1) phrases.add(`one of ${[...literals].join(', ')}`)
  else for (const literal of literals) phrases.add(literal)
  const all = [...phrases]
  const last = all.pop() ?? 'another value'
  return all.length === 0 ? last : `${all.join(', ')} or ${last}`
}

const UNSAID = 'Invalid input' // What zod says where a schema says nothing itself.
// The variable branch stands beside every text: naming it each time would bury the rest.
const VARIABLE = '{ "var": "NAME" }'

const isRoot = (issue: Issue) => issue.path.length === 0

function fits(branch: Branch, value: unknown): boolean {
  const isReference = branch.some((issue) => issue.message === VARIABLE || pathIs(issue, 'var'))
  if (isReference && !hasKey(value, 'var')) return false
  return !branch.some(
    (issue) => isRoot(issue) && (issue.code === 'invalid_type' || issue.code === 'invalid_value'),
  )
}

/** The more keys of the branch the value has, and the fewer it does not know, the cheaper. */
function costOf(branch: Branch, value: unknown): number {
  let cost = 0
  for (const issue of branch) {
    if (issue.code === 'unrecognized_keys') cost += 3 * issue.keys.length
    else if (issue.path.length === 1 && !hasKey(value, String(issue.path[0]))) cost += 3
    else cost += 1
  }
  return cost
}

const hasKey = (value: unknown, key: string) =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)

const pathIs = (issue: Issue, key: string) => issue.path.length === 1 && issue.path[0] === key

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
}

const COUNTED: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
}

function boundOf(side: string, bound: number | bigint, origin: string): string {
  const [one, many] = COUNTED[origin] ?? ['', '']
  return `${side} ${bound} ${bound === 1 ? one : many}`.trimEnd()
}

function phraseOf(issue: Issue): string {
  if (issue.message !== UNSAID) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected
    case 'too_small':
      return boundOf('at least', issue.minimum, issue.origin)
    case 'too_big':
      return boundOf('at most', issue.maximum, issue.origin)
    case 'invalid_format':
      return `text that matches ${'pattern' in issue ? issue.pattern : issue.format}`
    case 'invalid_union':
      return expectedOf(branchesOf(issue).flat())
    default:
      return 'another value'
  }
}
