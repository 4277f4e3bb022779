/** Whether two values are the same in all their parts, each part counted. */
import { Exceeded, type Run } from './run.ts'

export function equal(left: unknown, right: unknown, run: Run): boolean {
  return equalWithin(left, right, run, 0)
}

function equalWithin(left: unknown, right: unknown, run: Run, nesting: number): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false
  }
  if (nesting > run.limits.nesting) throw new Exceeded('depth')
  run.spend(1)
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) return false
    run.spendList(left.length)
    return left.every((item, index) => equalWithin(item, right[index], run, nesting + 1))
  }
  if (Array.isArray(left) || Array.isArray(right)) return false
  const names = Object.keys(left)
  run.spendList(names.length)
  if (names.length !== Object.keys(right).length) return false
  return names.every(
    (name) =>
      Object.hasOwn(right, name) &&
      equalWithin(
        (left as Record<string, unknown>)[name],
        (right as Record<string, unknown>)[name],
        run,
        nesting + 1,
      ),
  )
}
