/** The plan of an aggregate: its calls as a graph. Pure, made once per table; what is wrong with it is told all at once. */
import { suggestion } from '../../../schema/nearest.ts'
import type { AggregateOptions, CallSpec } from '../schema.ts'
import type { CallForm } from '../scope.ts'
import { beforeOf, cyclesOf, ranksOf, turned } from './graph.ts'
import {
  type AttributeRead,
  type CallRead,
  type PlanProblem,
  type Reads,
  readsOfCall,
  readsOfResponse,
} from './reads.ts'

export interface PlannedCall {
  readonly name: string
  /** Its place in the table, and in the answer. */
  readonly index: number
  readonly spec: CallSpec
  /** The calls that must be over before: those of `after`, and those that it refers to. */
  readonly waitsFor: readonly number[]
  /** The calls that wait for it, those of the longest chains first. */
  readonly leadsTo: readonly number[]
  /** What its expressions see: all calls that are over before it, in the order of the table. */
  readonly sees: readonly number[]
  /** Calls on the longest chain from here to the end, this one included. */
  readonly rank: number
  readonly required: boolean
  /** Some template or expression reads its body: it is parsed for that. */
  readonly isUsed: boolean
  /** Some template or expression may read any of its header fields: they are all kept for that. */
  readonly showsFields: boolean
}

export interface AggregatePlan {
  /** In the order of the table. */
  readonly calls: readonly PlannedCall[]
  /** The calls that wait for none, those of the longest chains first. */
  readonly begins: readonly number[]
  readonly names: ReadonlyMap<string, CallForm>
  /** What templates and expressions read of the request, by the names of the vocabulary. */
  readonly attributes: readonly AttributeRead[]
}

export type Planned =
  | { readonly kind: 'plan'; readonly plan: AggregatePlan }
  | {
      readonly kind: 'problems'
      readonly problems: readonly PlanProblem[]
      /** What could be read all the same. */
      readonly attributes: readonly AttributeRead[]
    }

// What an expression sees of the calls before it is listed for each call: a thousand make half a million entries.
const MAX_CALLS = 1_000

export function planAggregate(options: AggregateOptions): Planned {
  const specs = Object.entries(options.calls)
  if (specs.length > MAX_CALLS)
    return { kind: 'problems', problems: [tooMany(specs.length)], attributes: [] }
  const names = namesOf(options)
  const indexes = new Map(specs.map(([name], index) => [name, index]))
  const reads = specs.map(([name, spec]) => readsOfCall(name, spec, names))
  const ofResponse = readsOfResponse(options, names)
  const problems = [...reads, ofResponse].flatMap((one) => one.problems)
  const graph = specs.map(([name, spec], index) => {
    problems.push(...problemsOf(name, spec, reads[index]!, indexes))
    const named = [...(spec.after ?? []), ...reads[index]!.calls.map(({ call }) => call)]
    const before = named.flatMap((call) => indexes.get(call) ?? [])
    return [...new Set(before)].filter((other) => other !== index).sort((a, b) => a - b)
  })
  if (specs.length === 0) problems.push(none)
  problems.push(...unknownCalls(options.setCookies, ['setCookies'], indexes))
  const cycles = cyclesOf(graph)
  problems.push(...cycles.map((cycle) => cycleProblem(cycle.map((index) => specs[index]![0]))))
  const attributes = [...reads, ofResponse].flatMap((one) => one.attributes)
  if (problems.length > 0) return { kind: 'problems', problems, attributes }
  const used = callsRead([...reads, ofResponse], ({ readsBody }) => readsBody)
  const shown = sharing(
    callsRead([...reads, ofResponse], ({ readsFields }) => readsFields),
    options,
  )
  const ranks = ranksOf(graph)
  const leadsTo = turned(graph)
  const sees = beforeOf(graph)
  const longestFirst = (one: number, other: number) => ranks[other]! - ranks[one]! || one - other
  const calls = specs.map(
    ([name, spec], index): PlannedCall => ({
      name,
      index,
      spec,
      waitsFor: graph[index]!,
      leadsTo: leadsTo[index]!.toSorted(longestFirst),
      sees: sees[index]!,
      rank: ranks[index]!,
      required: spec.required ?? false,
      isUsed: used === 'all' || used.has(name) || spec.batch !== undefined,
      showsFields: shown === 'all' || shown.has(sharingOf(spec)),
    }),
  )
  const begins = calls.flatMap(({ waitsFor, index }) => (waitsFor.length === 0 ? [index] : []))
  return {
    kind: 'plan',
    plan: { calls, begins: begins.sort(longestFirst), names, attributes },
  }
}

function namesOf({ calls }: AggregateOptions): ReadonlyMap<string, CallForm> {
  return new Map(
    Object.entries(calls).map(([name, { forEach }]) => [name, { isList: forEach !== undefined }]),
  )
}

/** The calls that something reads in this way by more than passing them on. */
function callsRead(
  reads: readonly Reads[],
  isRead: (one: CallRead) => boolean,
): ReadonlySet<string> | 'all' {
  if (reads.some(({ unclear }) => unclear.length > 0)) return 'all'
  return new Set(reads.flatMap(({ calls }) => calls.filter(isRead).map(({ call }) => call)))
}

/** Calls that are alike in this may be one request, and then have one part: what one reads of it is kept for all. */
function sharingOf({ upstream, method = 'GET' }: CallSpec): string {
  return `${method} ${upstream}`
}

function sharing(
  read: ReadonlySet<string> | 'all',
  { calls }: AggregateOptions,
): ReadonlySet<string> | 'all' {
  if (read === 'all') return read
  return new Set([...read].flatMap((name) => (calls[name] ? [sharingOf(calls[name])] : [])))
}

type Indexes = ReadonlyMap<string, number>

function problemsOf(name: string, spec: CallSpec, reads: Reads, indexes: Indexes): PlanProblem[] {
  const at = ['calls', name]
  const selves = [
    ...(spec.after ?? []).map((call, index) => ({ call, path: [...at, 'after', index] })),
    ...reads.calls,
  ].filter(({ call }) => call === name)
  return [
    ...unknownCalls(spec.after, [...at, 'after'], indexes),
    ...[...new Map(selves.map((one) => [one.path.join('/'), one])).values()].map(({ path }) => ({
      path,
      code: 'AGGREGATE_REFERENCE_SELF',
      message: `expected the name of another call, found "${name}": a call cannot wait for itself`,
      found: JSON.stringify(name),
      expected: 'the name of another call',
    })),
    ...(spec.after === undefined ? reads.unclear : []).map((path) => ({
      path,
      code: 'AGGREGATE_REFERENCE_UNCLEAR',
      message:
        'expected an expression that names the calls that it reads, or `after` beside it, found one that may read all',
      found: 'an expression that may read all',
      expected: 'names of calls, or `after`',
    })),
  ]
}

function unknownCalls(
  list: readonly string[] | undefined,
  path: PlanProblem['path'],
  indexes: Indexes,
): PlanProblem[] {
  return (list ?? []).flatMap((call, index) =>
    indexes.has(call)
      ? []
      : [
          {
            path: [...path, index],
            code: 'AGGREGATE_REFERENCE_UNKNOWN',
            message: `unknown call "${call}"${suggestion(call, indexes.keys())}`,
            found: JSON.stringify(call),
            expected: 'the name of a call of this aggregate',
          },
        ],
  )
}

/** Told at its first member, with all of them in the order in which they wait. */
function cycleProblem(members: readonly string[]): PlanProblem {
  const [first = ''] = members
  const way = [...members, first].join(' → ')
  return {
    path: ['calls', first],
    code: 'AGGREGATE_CYCLE',
    message: `expected calls that can begin, found a cycle in which each waits for the next: ${way}`,
    found: way,
    expected: 'calls that do not wait for each other',
  }
}

const none: PlanProblem = {
  path: ['calls'],
  code: 'AGGREGATE_EMPTY',
  message: 'expected at least one call, found none',
  found: 'none',
  expected: 'at least one call',
}

function tooMany(count: number): PlanProblem {
  const expected = `at most ${MAX_CALLS} calls`
  return {
    path: ['calls'],
    code: 'AGGREGATE_TOO_MANY_CALLS',
    message: `expected ${expected}, found ${count}`,
    found: String(count),
    expected,
  }
}
