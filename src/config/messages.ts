/**
 * Turns what the schema found into problems for an operator: where, what was found, what was expected
 * (ROUTES.md §1). Of a union the branch that was meant is reported, never a wall of alternatives.
 */
import type * as z from 'zod/mini'
import { schemas } from '../policies/schemas.ts'
import { suggestion } from '../schema/nearest.ts'
import { showFound } from './found.ts'
import type { Path } from './json.ts'
import { pointerOf, valueAt } from './pointer.ts'
import type { Problem } from './problem.ts'
import { branchesOf, expectedOf, meantBranch } from './unions.ts'

type Issue = z.core.$ZodIssue

/** All problems behind the issues of one schema run over a document. */
export function problemsOf(issues: readonly Issue[], document: unknown): Problem[] {
  const problems = issues.flatMap((issue) => problemsOfIssue(issue, [], document))
  // Two checks of one value may say the same: 1e99 is no integer and above the most.
  return [...new Map(problems.map((one) => [`${one.pointer} ${one.message}`, one])).values()]
}

function problemsOfIssue(issue: Issue, base: Path, document: unknown): Problem[] {
  const path = [...base, ...(issue.path as Path)]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...path, key], key, knownKeysOf(issue)))
    case 'invalid_key':
      // Shown even where its value would not be: a name is no secret.
      return [invalidKey(path, expectedOf(issue.issues))]
    case 'invalid_union':
      return problemsOfUnion(issue, path, document)
    case 'custom':
      return [refined(issue, path, valueAt(document, path))]
    default:
      return [invalidValue(path, valueAt(document, path), expectedOf([issue]))]
  }
}

function problemsOfUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, document: unknown) {
  const value = valueAt(document, path)
  if ('discriminator' in issue && issue.errors.length === 0) {
    return [unknownKind(path, value, (issue as { options?: readonly string[] }).options ?? [])]
  }
  const branches = branchesOf(issue)
  const meant = meantBranch(branches, value)
  if (meant !== null) {
    return meant.flatMap((inner) => problemsOfIssue(inner as Issue, path, document))
  }
  return [invalidValue(path, value, expectedOf(branches.flat()))]
}

function unknownKey(path: Path, key: string, known: readonly string[]): Problem {
  const meant = suggestion(key, known)
  const listed = known.length === 0 ? '' : `; known here: ${known.join(', ')}`
  return {
    pointer: pointerOf(path),
    code: 'KEY_UNKNOWN',
    message: `unknown key "${key}"${meant === '' ? listed : meant}`,
    found: key,
    ...(known.length > 0 && { expected: known.join(', ') }),
    severity: 'form',
  }
}

function unknownKind(path: Path, value: unknown, options: readonly string[]): Problem {
  const isPolicy = path.at(-1) === 'use' && typeof value === 'string'
  const listed = options.join(', ')
  if (isPolicy && Object.hasOwn(schemas, value)) return misplaced(path, value, listed)
  if (!isPolicy) return invalidValue(path, value, `one of ${listed}`)
  return {
    pointer: pointerOf(path),
    code: 'POLICY_UNKNOWN',
    message: `unknown policy ${showFound(value, path)}${suggestion(value, options) || `; known are ${listed}`}`,
    found: showFound(value, path),
    expected: `one of ${listed}`,
    severity: 'form',
  }
}

/** A policy that exists, where only some may stand (within `any-of`). */
function misplaced(path: Path, use: string, listed: string): Problem {
  const expected = `an identity policy here: one of ${listed}`
  return {
    pointer: pointerOf(path),
    code: 'POLICY_MISPLACED',
    message: `expected ${expected}, found "${use}"`,
    found: `"${use}"`,
    expected,
    severity: 'form',
  }
}

function invalidValue(path: Path, value: unknown, expected: string): Problem {
  const found = showFound(value, path)
  return {
    pointer: pointerOf(path),
    code: value === undefined ? 'KEY_MISSING' : 'VALUE_INVALID',
    message: `expected ${expected}, found ${found}`,
    found,
    expected,
    severity: 'form',
  }
}

function invalidKey(path: Path, expected: string): Problem {
  const found = showFound(path.at(-1), [])
  const message = `expected ${expected}, found ${found}`
  return {
    pointer: pointerOf(path),
    code: 'KEY_INVALID',
    message,
    found,
    expected,
    severity: 'form',
  }
}

/** A refinement says it itself, in a whole sentence, and may bring a code of its own in `params`. */
function refined(issue: z.core.$ZodIssueCustom, path: Path, value: unknown): Problem {
  const code: unknown = issue.params?.code
  const isBare = issue.message.startsWith('expected ') && !issue.message.includes(', found ')
  const isText = typeof value === 'string'
  const problem: Problem = {
    pointer: pointerOf(path),
    code: typeof code === 'string' ? code : 'VALUE_INVALID',
    message: isBare && isText ? `${issue.message}, found ${showFound(value, path)}` : issue.message,
    severity: 'form',
  }
  if (!isBare || !isText) return problem
  return {
    ...problem,
    found: showFound(value, path),
    expected: issue.message.slice('expected '.length),
  }
}

// Put beside the keys by `object` in schema/atoms.ts; zod's own strict objects do not tell.
function knownKeysOf(issue: z.core.$ZodIssueUnrecognizedKeys): readonly string[] {
  return (issue as { known?: readonly string[] }).known ?? []
}
