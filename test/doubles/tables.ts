/** Tables and plans for tests that are about which table is live, not about what stands in it. */
import type { LoadTable } from '../../src/config/live-table.ts'
import type { Loaded } from '../../src/config/load.ts'
import { problemOfMissing } from '../../src/config/missing.ts'
import type { Missing, Plan } from '../../src/config/plan.ts'
import type { Problem } from '../../src/config/problem.ts'
import type { RouteTable } from '../../src/config/schema.ts'

export interface FakeTable {
  readonly name: string
  readonly broken?: boolean
  readonly missing?: readonly Missing[]
}

/** The text of a table with one route of this name. */
export function tableText(table: FakeTable): string {
  return JSON.stringify({ ...table, routes: [{ name: table.name }] })
}

export const brokenProblem: Problem = {
  pointer: '/routes/0',
  code: 'VALUE_INVALID',
  message: 'expected a route, found a broken one',
  severity: 'form',
}

/** A plan whose one route is named as the table. */
export function fakePlan({ name }: FakeTable, version: string): Plan {
  return { version, routes: [{ name, open: true }] } as unknown as Plan
}

/** Loads the texts of `tableText`, and notes how often and with what trust. */
export function makeFakeLoad(): LoadTable & { readonly loads: { trusted: boolean }[] } {
  const loads: { trusted: boolean }[] = []
  const load: LoadTable = (text, { trusted, version }): Loaded => {
    loads.push({ trusted })
    const table = readTable(text)
    if (table === null || table.broken) return { kind: 'invalid', problems: [brokenProblem] }
    const plan = fakePlan(table, version)
    const lacks = (table.missing ?? []).map(problemOfMissing)
    return { kind: 'loaded', table: table as unknown as RouteTable, plan, warnings: [], lacks }
  }
  return Object.assign(load, { loads })
}

function readTable(text: string): FakeTable | null {
  try {
    return JSON.parse(text) as FakeTable
  } catch {
    return null
  }
}

/** A version that needs no thread of its own, so that a settable clock sees it as instant (FNV-1a). */
export async function fakeVersionOf(text: string): Promise<string> {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  }
  return hash.toString(16).padStart(16, '0')
}

/** A seeded source of numbers from 0 to 1 (mulberry32). */
export function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
