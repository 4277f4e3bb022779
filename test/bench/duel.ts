/**
 * The measuring protocol. Identical Workers differ by 10-30 % from one second to the next on a shared machine,
 * so each contestant meets a bare Worker of its own (same age, same number of requests behind it), the two
 * alternate in slices of about 20 ms, and only the ratio within a pair of slices counts. New processes for
 * each generation even out what the layout of one process's memory does. A bare Worker against a bare Worker
 * is part of each run: its distance from 1 is the noise of all the rest.
 *
 * The unit is a turn of many pairs, and what counts are its sums: a median of slices would leave out the
 * collection of garbage, which is in one slice of ten and costs most.
 */
import type { Contestant } from './contestants.ts'
import { cpuMicros } from './cpu.ts'
import { type Summary, summarize } from './stats.ts'

export interface DuelPlan {
  readonly generations: number
  /** How often each contestant has its turn in a generation. */
  readonly rounds: number
  /** Pairs of slices in a turn: in pairs, since caches are cold after a switch among many processes. */
  readonly pairs: number
  readonly sliceRequests: number
  readonly warmUpRequests: number
}

export const fullPlan: DuelPlan = {
  // Some ten minutes for all cases: the spread of the turns and the A/A row tell what that leaves unsure.
  generations: 2,
  rounds: 4,
  pairs: 10,
  sliceRequests: 200,
  warmUpRequests: 3000,
}

/** For the many small Workers of costs.ts. */
export const costPlan: DuelPlan = { ...fullPlan, generations: 1 }

export const quickPlan: DuelPlan = { ...fullPlan, generations: 1 }

/** Starts a contestant anew; the same one is started once per generation. */
export interface Entrant {
  readonly name: string
  /** Whether each request is a new one: tools that always send the same say nothing of it. */
  readonly isVaried: boolean
  start(): Promise<Contestant>
  startBare(): Promise<Contestant>
}

export interface DuelResult {
  readonly name: string
  /** All CPU of the contestant over all CPU of its bare Worker. */
  readonly total: number
  /** The same, turn by turn. */
  readonly turns: Summary
  /** CPU seconds per 1,000 requests, over all turns. */
  readonly cpuSeconds: number
  readonly bareCpuSeconds: number
  /** Answers of another status than they were to have. */
  readonly failures: number
}

/** Microseconds of CPU, one entry per turn. */
interface Samples {
  readonly own: number[]
  readonly bare: number[]
  failures: number
}

export async function duel(
  entrants: readonly Entrant[],
  plan: DuelPlan,
  note: (line: string) => void,
): Promise<readonly DuelResult[]> {
  const samples = new Map<string, Samples>(
    entrants.map(({ name }) => [name, { own: [], bare: [], failures: 0 }]),
  )
  for (let generation = 0; generation < plan.generations; generation++) {
    note(`generation ${generation + 1} of ${plan.generations}`)
    await runGeneration(entrants, plan, { generation, samples })
  }
  return entrants.map(({ name }) => resultOf(name, samples.get(name)!, plan))
}

function resultOf(name: string, { own, bare, failures }: Samples, plan: DuelPlan): DuelResult {
  // Microseconds per request are milliseconds per 1,000.
  const perThousand = (micros: readonly number[]) =>
    sum(micros) / micros.length / (plan.pairs * plan.sliceRequests) / 1000
  return {
    name,
    total: sum(own) / sum(bare),
    turns: summarize(own.map((micros, turn) => micros / bare[turn]!)),
    cpuSeconds: perThousand(own),
    bareCpuSeconds: perThousand(bare),
    failures,
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

interface Pairing {
  readonly name: string
  readonly own: Contestant
  readonly bare: Contestant
}

async function runGeneration(
  entrants: readonly Entrant[],
  plan: DuelPlan,
  { generation, samples }: { readonly generation: number; readonly samples: Map<string, Samples> },
): Promise<void> {
  const pairings: Pairing[] = []
  try {
    for (const [index, entrant] of entrants.entries()) {
      // Who starts first gets the better memory now and then, so that it is each one's turn.
      const bareFirst = (generation + index) % 2 === 0
      const early = bareFirst ? await entrant.startBare() : await entrant.start()
      const late = bareFirst ? await entrant.start() : await entrant.startBare()
      const [own, bare] = bareFirst ? [late, early] : [early, late]
      pairings.push({ name: entrant.name, own, bare })
    }
    for (let step = 0; step < 4; step++) {
      for (const { own, bare } of pairings) {
        await own.load.run(plan.warmUpRequests / 4)
        await bare.load.run(plan.warmUpRequests / 4)
      }
    }
    for (let round = 0; round < plan.rounds; round++) {
      for (const pairing of rotate(pairings, round)) {
        await takeTurn(pairing, plan, samples.get(pairing.name)!)
      }
    }
    for (const { name, own, bare } of pairings) {
      samples.get(name)!.failures += own.load.failures + bare.load.failures
    }
  } finally {
    await Promise.all(pairings.flatMap(({ own, bare }) => [own.stop(), bare.stop()]))
  }
}

async function takeTurn({ own, bare }: Pairing, plan: DuelPlan, into: Samples): Promise<void> {
  const slice = ({ load }: Contestant) => load.run(plan.sliceRequests)
  // Brings both back into the caches, and opens what connections had been idle for too long.
  await slice(own)
  await slice(bare)
  const before = [cpuMicros(own.pid), cpuMicros(bare.pid)] as const
  for (let pair = 0; pair < plan.pairs; pair++) {
    const ownFirst = pair % 2 === 0
    await slice(ownFirst ? own : bare)
    await slice(ownFirst ? bare : own)
  }
  // Events that are still held back are written, and counted, with the work that made them.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  into.own.push(cpuMicros(own.pid) - before[0])
  into.bare.push(cpuMicros(bare.pid) - before[1])
}

const SETTLE_MS = 50

function rotate<Item>(items: readonly Item[], by: number): readonly Item[] {
  const at = by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}
