/** Built-in functions and operators on values in place of the library's, which cost more than they count. */
import { equal } from './equal.ts'
import type { Focus, Native } from './library.ts'
import { Exceeded, type Run } from './run.ts'
import { isFunction, measure, plain } from './values.ts'

type Sequence = unknown[] & { sequence?: true }

export function runOf(focus: Focus): Run {
  return focus.environment.base.run as Run
}

function sequence(focus: Focus): Sequence {
  return focus.environment.base.createSequence()
}

/** Text of a value as `$string` gives it; refused before it is made where it would be too long. */
function textOf(value: unknown, run: Run, prettify: boolean): string | undefined {
  if (typeof value === 'string' || value === undefined) return value
  if (isFunction(value)) return ''
  if (typeof value === 'number' && !Number.isFinite(value)) throw { code: 'D3001' }
  const bytes = measure(value, run.limits)
  run.spend(bytes >> 6)
  // A line for each member at least, indented by two for each level.
  if (prettify) run.spendText(bytes * 8)
  return JSON.stringify(value, writeMember, prettify ? 2 : 0)
}

function writeMember(_name: string, value: unknown): unknown {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw { code: 'D1001' }
    return Number.isInteger(value) ? value : Number(value.toPrecision(15))
  }
  return isFunction(value) ? '' : value
}

export const valueFunctions: Readonly<Record<string, Native>> = {
  string: function (this: Focus, value: unknown, prettify: boolean) {
    return textOf(value, runOf(this), prettify)
  },
  clone: function (this: Focus, value: unknown) {
    const run = runOf(this)
    if (value === undefined) return undefined
    run.spend(measure(value, run.limits) >> 6)
    return plain(value, run.limits)
  },
  distinct: function (this: Focus, list: unknown) {
    if (!Array.isArray(list) || list.length <= 1) return list
    const run = runOf(this)
    const found: unknown[] = (list as Sequence).sequence === true ? sequence(this) : []
    const seen = new Set<unknown>()
    const objects: unknown[] = []
    for (const value of list) {
      if (typeof value === 'object' && value !== null) {
        if (objects.some((other) => equal(value, other, run))) continue
        objects.push(value)
      } else if (seen.has(value)) continue
      seen.add(value)
      found.push(value)
    }
    return found
  },
  spread: function (this: Focus, value: unknown) {
    if (typeof value !== 'object' || value === null || isFunction(value)) return value
    const found = sequence(this)
    spreadInto(value, found, runOf(this), 0)
    return found
  },
  '\0concat': function (this: Focus, left: unknown, right: unknown) {
    const run = runOf(this)
    const text = (textOf(left, run, false) ?? '') + (textOf(right, run, false) ?? '')
    run.spendText(text.length)
    return text
  },
  '\0equal': function (this: Focus, left: unknown, right: unknown) {
    return left !== undefined && right !== undefined && equal(left, right, runOf(this))
  },
  '\0differ': function (this: Focus, left: unknown, right: unknown) {
    return left !== undefined && right !== undefined && !equal(left, right, runOf(this))
  },
  '\0range': function (this: Focus, from: unknown, to: unknown) {
    if (from !== undefined && !Number.isInteger(from)) throw { code: 'T2003' }
    if (to !== undefined && !Number.isInteger(to)) throw { code: 'T2004' }
    if (from === undefined || to === undefined || (from as number) > (to as number))
      return undefined
    const length = (to as number) - (from as number) + 1
    const run = runOf(this)
    if (length > run.limits.items) throw new Exceeded('items')
    run.spendList(length)
    const range: Sequence = sequence(this)
    for (let index = 0; index < length; index++) range.push((from as number) + index)
    return range
  },
  '\0wildcard': function (this: Focus, value: unknown) {
    const run = runOf(this)
    let found: unknown[] = sequence(this)
    if (typeof value !== 'object' || value === null || isFunction(value)) return found
    const members = Object.values(value)
    run.spendList(members.length)
    for (const member of members) {
      if (!Array.isArray(member)) found.push(member)
      else {
        // A list among the members makes a list of all, which stays one whatever its length.
        if ((found as Sequence).sequence === true) found = [...found]
        flattenInto(member, found, run, 0)
      }
    }
    return found
  },
  '\0descendants': function (this: Focus, value: unknown) {
    if (value === undefined) return undefined
    const found = sequence(this)
    descendInto(value, found, runOf(this), 0)
    return found.length === 1 ? found[0] : found
  },
}

function spreadInto(value: unknown, found: unknown[], run: Run, nesting: number): void {
  if (nesting > run.limits.nesting) throw new Exceeded('depth')
  if (Array.isArray(value)) {
    for (const item of value) {
      run.spendList(16)
      spreadInto(item, found, run, nesting + 1)
    }
  } else if (typeof value !== 'object' || value === null || isFunction(value)) {
    if (value !== undefined) found.push(value)
  } else {
    for (const [name, member] of Object.entries(value)) {
      run.spendList(16)
      const single = Object.create(null) as Record<string, unknown>
      single[name] = member
      found.push(single)
    }
  }
}

function flattenInto(list: readonly unknown[], found: unknown[], run: Run, nesting: number): void {
  if (nesting > run.limits.nesting) throw new Exceeded('depth')
  run.spendList(list.length)
  for (const item of list) {
    if (Array.isArray(item)) flattenInto(item, found, run, nesting + 1)
    else found.push(item)
  }
}

function descendInto(value: unknown, found: unknown[], run: Run, nesting: number): void {
  if (nesting > run.limits.nesting) throw new Exceeded('depth')
  if (!Array.isArray(value)) found.push(value)
  if (typeof value !== 'object' || value === null || isFunction(value)) return
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  run.spend(1 + (members.length >> 4))
  for (const member of members) descendInto(member, found, run, nesting + 1)
}
