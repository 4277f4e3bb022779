/** Sorting in place of the library's, which copies what is left of a list for every element. */
import { runOf } from './functions-values.ts'
import type { Applicable, Focus, Native } from './library.ts'

export const listFunctions: Readonly<Record<string, Native>> = {
  sort: async function (this: Focus, list: unknown[] | undefined, comparator?: Applicable) {
    if (list === undefined || list.length <= 1) return list
    const run = runOf(this)
    if (comparator !== undefined) return mergeSort(this, list, comparator)
    const isPlain =
      list.every((item) => typeof item === 'number') ||
      list.every((item) => typeof item === 'string')
    if (!isPlain) throw { code: 'D3070' }
    run.spend((list.length * Math.ceil(Math.log2(list.length))) >> 6)
    return [...(list as string[])].sort((left, right) => (left > right ? 1 : left < right ? -1 : 0))
  },
}

/** Stable, and ends whatever the comparator says: each element is placed once in each of log2(n) rounds. */
async function mergeSort(
  focus: Focus,
  list: readonly unknown[],
  comparator: Applicable,
): Promise<unknown[]> {
  let from: unknown[] = [...list]
  let to: unknown[] = []
  for (let width = 1; width < list.length; width *= 2) {
    for (let start = 0; start < list.length; start += 2 * width) {
      const middle = Math.min(start + width, list.length)
      const end = Math.min(start + 2 * width, list.length)
      let left = start
      let right = middle
      while (left < middle && right < end) {
        const isWrong = await comparator.apply(focus, [from[left], from[right]])
        to.push(isWrong ? from[right++] : from[left++])
      }
      while (left < middle) to.push(from[left++])
      while (right < end) to.push(from[right++])
    }
    from = to
    to = []
  }
  return from
}
