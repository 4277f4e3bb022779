/** One evaluation: what it may do, what is bound, and what it came to. Paths of plain names never meet the library. */
import type { Checked } from './check.ts'
import type { Evaluated, Occasion } from './expression.ts'
import { registerFunctions } from './functions.ts'
import {
  type Begin,
  type Definition,
  type Leave,
  type Node,
  type Program,
  RUN,
  watch,
} from './library.ts'
import { plainName } from './nodes.ts'
import type { Reads } from './reads.ts'
import { rewrite } from './rewrite.ts'
import { defaultLimits, Exceeded, Run } from './run.ts'
import { isReserved, type Picked, pick, pickedOf, plain, reservedName } from './values.ts'
import { readVariables } from './variables.ts'
import { walkNames } from './walk.ts'

export interface Ready {
  readonly program: Program
  readonly checked: Checked
  /** Where the expression is a path of names: these. */
  readonly names: readonly string[] | null
  /** What of the input the library gets: a copy, since it marks lists, and the transform operator writes. */
  readonly picked: Picked
}

export function makeReady(parts: {
  readonly program: Program
  readonly checked: Checked
  readonly reads: Reads
  readonly builtIn: (name: string) => Definition | undefined
}): Ready {
  const { program, checked, reads, builtIn } = parts
  const ast = program.ast()
  const names = plainPath(ast)
  if (names === null) {
    registerFunctions(program, checked.functions, builtIn)
    rewrite(ast, new Set(checked.functions))
    watch(program, begin, leave)
  }
  const picked = reads.readsAll ? 'all' : pickedOf(reads.paths)
  return { program, checked, names, picked }
}

function plainPath(ast: Node): readonly string[] | null {
  const { type, steps = [], predicate, group, keepSingletonArray, keepArray } = ast
  if (type !== 'path' || (predicate ?? group) !== undefined) return null
  if (keepSingletonArray === true || keepArray === true) return null
  const names = steps.flatMap((step) => plainName(step) ?? [])
  return names.length === steps.length ? names : null
}

const begin: Begin = ({ base }) => {
  const run = base.lookup(RUN) as Run
  base.run = run
  base.timestamp = new Date(run.now)
  const countStep = () => {
    run.spend(1)
    if (base.depth > run.limits.depth) throw new Exceeded('depth')
  }
  base.guardrails = countStep
  // This node came before it.
  countStep()
}

const leave: Leave = (node, _input, frame, given) => {
  const run = frame.base.run as Run
  // The library asks before it takes the one element out of a list of one.
  const result: unknown = Array.isArray(given) && given.length === 1 ? given[0] : given
  if (node.makesTuples === true && Array.isArray(result)) run.spend(result.length)
  else run.spendValue(result)
  if (node.isGroupKey === true && typeof result === 'string') leaveKey(node, result, run)
  if (node.groupKeys !== undefined) for (const key of node.groupKeys) run.groups.delete(key)
}

function leaveKey(node: Node, key: string, run: Run): void {
  if (isReserved(key)) throw { ...reservedName }
  let counts = run.groups.get(node)
  if (counts === undefined) {
    counts = new Map()
    run.groups.set(node, counts)
  }
  const count = (counts.get(key) ?? 0) + 1
  counts.set(key, count)
  // Each more of a group copies those before it, five hundred of them in the time of a step.
  if (count >= 512) run.spend(count >> 9)
}

export async function evaluateWith(
  ready: Ready,
  input: unknown,
  { exchange, now, limits: own }: Occasion,
): Promise<Evaluated> {
  const limits = own === undefined ? defaultLimits : { ...defaultLimits, ...own }
  const run = new Run(limits, now)
  try {
    if (ready.names !== null) return { kind: 'value', value: walkNames(input, ready.names, run) }
    const bindings = readVariables(ready.checked.attributes, exchange, limits)
    const value = await ready.program.evaluate(pick(input, ready.picked, limits), {
      ...bindings,
      [RUN]: run,
    })
    return { kind: 'value', value: plain(value, limits) }
  } catch (thrown) {
    return outcomeOf(thrown)
  }
}

function outcomeOf(thrown: unknown): Evaluated {
  if (thrown instanceof Exceeded) return { kind: 'limited', limit: thrown.limit }
  if (thrown instanceof RangeError) {
    if (thrown.message.startsWith('Maximum call stack')) return { kind: 'limited', limit: 'depth' }
    if (/^Invalid (?:string|array) length/.test(thrown.message)) {
      return { kind: 'limited', limit: 'bytes' }
    }
  }
  const { code } = thrown as { code?: unknown }
  // Without a code it is an error of the runtime: the library calls what is no function, or formats what is no date.
  return { kind: 'failed', reason: typeof code === 'string' ? code : 'runtime' }
}
