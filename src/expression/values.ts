/**
 * Walks over values: how large one is, a copy of one, one as plain JSON. Values in an evaluation share their parts, and
 * may even contain themselves, so each walk counts what it sees as often as it sees it, and stops at a bound.
 */
import { Exceeded, type Failure, type Limits } from './run.ts'

/** Names by which the library marks objects of its own: in data they would be taken for these. */
const reserved: ReadonlySet<string> = new Set([
  '_jsonata_lambda',
  '_jsonata_function',
  'tupleStream',
  'outerWrapper',
])

export function isReserved(name: string): boolean {
  return reserved.has(name)
}

export const reservedName: Failure = { code: 'D1013' }

type Bounds = Pick<Limits, 'bytes' | 'nesting'>
type Members = Record<string, unknown>

// What JSON has between two members, and about what a number, true or null is long.
const PUNCTUATION = 4
const SCALAR = 4

class Meter {
  private left: number
  private readonly bounds: Bounds

  constructor(bounds: Bounds) {
    this.bounds = bounds
    this.left = bounds.bytes
  }

  get used(): number {
    return this.bounds.bytes - this.left
  }

  take(bytes: number): void {
    this.left -= bytes
    if (this.left < 0) throw new Exceeded('bytes')
  }

  enter(nesting: number): void {
    if (nesting >= this.bounds.nesting) throw new Exceeded('depth')
    this.take(2)
  }
}

/** About how long the JSON text of a value is. Functions count for nothing: they are left out of it. */
export function measure(value: unknown, bounds: Bounds): number {
  const meter = new Meter(bounds)
  measureWithin(value, meter, 0)
  return meter.used
}

function measureWithin(value: unknown, meter: Meter, nesting: number): void {
  if (typeof value !== 'object' || value === null) {
    meter.take(typeof value === 'string' ? value.length + 2 : SCALAR)
    return
  }
  if (isFunction(value)) return
  meter.enter(nesting)
  if (Array.isArray(value)) {
    for (const item of value) {
      meter.take(1)
      measureWithin(item, meter, nesting + 1)
    }
    return
  }
  for (const name of Object.keys(value)) {
    meter.take(name.length + PUNCTUATION)
    measureWithin((value as Members)[name], meter, nesting + 1)
  }
}

/** A copy that the expression may change. Throws past a bound; names that the library keeps for itself are refused. */
export function copyOf(value: unknown, bounds: Bounds): unknown {
  return copyWithin(value, new Meter(bounds), 0, 'given')
}

/** What is taken of a value: all, or these members, each in part. Lists are walked through, as paths do. */
export type Picked = 'all' | ReadonlyMap<string, Picked>

export function pickedOf(paths: readonly (readonly string[])[]): Picked {
  const firsts = new Set(paths.map(([name]) => name as string))
  const members = [...firsts].map((first): [string, Picked] => {
    const rests = paths.flatMap(([name, ...rest]) => (name === first ? [rest] : []))
    return [first, rests.some((rest) => rest.length === 0) ? 'all' : pickedOf(rests)]
  })
  return new Map(members)
}

/** A copy of what is picked. */
export function pick(value: unknown, picked: Picked, bounds: Bounds): unknown {
  return pickWithin(value, picked, new Meter(bounds), 0)
}

function pickWithin(value: unknown, picked: Picked, meter: Meter, nesting: number): unknown {
  if (picked === 'all' || typeof value !== 'object' || value === null) {
    return copyWithin(value, meter, nesting, 'given')
  }
  meter.enter(nesting)
  if (Array.isArray(value)) {
    return value.map((item) => pickWithin(item, picked, meter, nesting + 1))
  }
  const members: Members = {}
  for (const [name, within] of picked) {
    if (!Object.hasOwn(value, name)) continue
    if (reserved.has(name)) throw { ...reservedName }
    meter.take(name.length + PUNCTUATION)
    setMember(members, name, pickWithin((value as Members)[name], within, meter, nesting + 1))
  }
  return members
}

/**
 * The value as plain JSON: lists without hidden keys; no functions, and no members without a value. In a list
 * both are null, as JSON has it.
 */
export function plain(value: unknown, bounds: Bounds): unknown {
  if (isFunction(value)) return undefined
  return copyWithin(value, new Meter(bounds), 0, 'plain')
}

function copyWithin(
  value: unknown,
  meter: Meter,
  nesting: number,
  form: 'given' | 'plain',
): unknown {
  if (typeof value === 'string') {
    meter.take(value.length + 2)
    return value
  }
  if (typeof value !== 'object' || value === null) {
    meter.take(SCALAR)
    if (typeof value === 'number' && !Number.isFinite(value)) throw { code: 'D3001' }
    return value
  }
  meter.enter(nesting)
  if (Array.isArray(value)) {
    const list: unknown[] = []
    for (const item of value) {
      meter.take(1)
      const isNothing = form === 'plain' && (item === undefined || isFunction(item))
      list.push(isNothing ? null : copyWithin(item, meter, nesting + 1, form))
    }
    return list
  }
  const members: Members = {}
  for (const name of Object.keys(value)) {
    if (form === 'given' && reserved.has(name)) throw { ...reservedName }
    const member = (value as Members)[name]
    if (form === 'plain' && (member === undefined || isFunction(member))) continue
    meter.take(name.length + PUNCTUATION)
    setMember(members, name, copyWithin(member, meter, nesting + 1, form))
  }
  return members
}

/** Sets an own member whatever its name: `__proto__` is data. */
function setMember(members: Members, name: string, value: unknown): void {
  if (name !== '__proto__') members[name] = value
  else {
    Object.defineProperty(members, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
}

/** Whether this is a function in the library's eyes. */
export function isFunction(value: unknown): boolean {
  if (typeof value === 'function') return true
  if (typeof value !== 'object' || value === null) return false
  const marks = value as Members
  return marks._jsonata_lambda === true || marks._jsonata_function === true
}
