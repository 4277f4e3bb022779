/** The library as this room uses it: its syntax tree and what its functions are called with, which its types leave open. */
import type jsonata from 'jsonata'
import type { Run } from './run.ts'

/** A node of the syntax tree after the library's own passes. Which members are there depends on `type`. */
export interface Node {
  type: string
  value?: unknown
  position?: number
  steps?: Node[]
  /** Filters of a step, and of what is no path. */
  stages?: Node[]
  predicate?: Node[]
  group?: { lhs: [Node, Node][] }
  lhs?: Node | [Node, Node][]
  rhs?: Node
  expression?: Node
  /** Of a filter: `expr` is the condition. */
  expr?: Node
  expressions?: Node[]
  terms?: { expression: Node }[]
  procedure?: Node
  arguments?: Node[]
  body?: Node
  /** Of a lambda that stands for a call in the last place of another. */
  thunk?: boolean
  signature?: { definition: string }
  condition?: Node
  then?: Node
  else?: Node
  pattern?: Node
  update?: Node
  delete?: Node
  focus?: string
  index?: string
  ancestor?: unknown
  /** Of a step: from here on the path carries what is bound with each value. */
  tuple?: boolean
  keepArray?: boolean
  keepSingletonArray?: boolean
  /** Set here: that each value which the step gives becomes an object of the library's own. */
  makesTuples?: true
  /** Set here: that the node gives a key of an object, and of the object which nodes do. */
  isGroupKey?: true
  groupKeys?: readonly Node[]
}

export interface Frame {
  /** The outermost frame of an evaluation. */
  readonly base: Frame & {
    run?: Run
    /** How many evaluations of nodes have begun and not ended. */
    readonly depth: number
    timestamp: Date
    readonly createSequence: (...items: unknown[]) => unknown[]
    /** Called for each node before it is evaluated. */
    guardrails: () => void
  }
  lookup(name: string): unknown
  bind(name: string | symbol, value: unknown): void
}

/** What a built-in function is called with as `this`. */
export interface Focus {
  readonly environment: Frame
}

/** A function of the expression: a native one, or the library's object for a lambda, which has `apply` as well. */
export interface Applicable {
  apply(focus: Focus, args: readonly unknown[]): unknown
}

export type Native = (this: Focus, ...args: never[]) => unknown

export interface Definition {
  readonly implementation: Native
  readonly signature?: { readonly definition: string }
}

export type Begin = (frame: Frame) => void
export type Leave = (node: Node, input: unknown, frame: Frame, result: unknown) => void

/** The type of the library's own, with what it leaves open. */
interface Program {
  ast(): Node
  evaluate(input: unknown, bindings: Readonly<Record<string, unknown>>): Promise<unknown>
  assign(name: string | symbol, value: unknown): void
  registerFunction(name: string, native: Native, signature?: string): void
}

export type { Program }

/** How an evaluation comes by its run: a variable that no text can name, since none may hold NUL. */
export const RUN = '\0run'
const ENTRY = Symbol.for('jsonata.__evaluate_entry')
const EXIT = Symbol.for('jsonata.__evaluate_exit')

type Library = typeof jsonata

let library: Library | null = null

/** Thrown where an expression is met before the library is there: load it and begin again (config/load-late.ts). */
export class LibraryAbsent extends Error {}

export function libraryAtHand(): Library {
  if (library === null) throw new LibraryAbsent('JSONata is not loaded')
  return library
}

/** For at-hand.ts, and for tests, which take it away again. */
export function holdLibrary(found: Library | null): void {
  library = found
}

/** Most tables have no expression, and the library is a third of what an isolate would evaluate at its start. */
export async function loadLibrary(): Promise<void> {
  library ??= (await import('jsonata')).default
}

/** Throws what the library throws where the text is no expression. */
export function parseText(text: string, RegexEngine: unknown): Program {
  return libraryAtHand()(text, {
    RegexEngine: RegexEngine as RegExpConstructor,
  }) as unknown as Program
}

/** Calls `begin` for the first node of each evaluation, and `leave` for each node with what it came to. */
export function watch(program: Program, begin: Begin, leave: Leave): void {
  program.assign(ENTRY, (_node: Node, _input: unknown, frame: Frame) => {
    // Once is enough, and the library awaits what it calls.
    frame.base.bind(ENTRY, undefined)
    begin(frame)
  })
  program.assign(EXIT, leave)
}

/** The library's own functions by name. */
export function builtIns(): (name: string) => Definition | undefined {
  const probe = libraryAtHand()('null') as unknown as Program
  let frame: Frame | undefined
  // Called before the first await, so it is there when `evaluate` returns.
  probe.assign(ENTRY, (_node: Node, _input: unknown, seen: Frame) => {
    frame = seen
  })
  void probe.evaluate(null, {})
  return (name) => frame?.lookup(name) as Definition | undefined
}
