/**
 * `npm run bench`: the gateway beside a bare Worker and its peers, on this machine, in one run. A full run
 * writes docs/benchmarks.md and test/bench/results.json; no test asserts a figure.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuild } from '../../serve/build.ts'
import { projectFolder } from '../../serve/project.ts'
import { buildMetered } from '../metered/metered.ts'
import { byHandPlan } from './aggregate-titles.ts'
import { byHandEntrants } from './aggregates.ts'
import { measureBundle } from './bundle.ts'
import { measureBursts } from './burst.ts'
import { cases, entrantOf } from './cases.ts'
import { versionOf } from './children.ts'
import { describeComputer } from './computer.ts'
import type { Ring } from './contestants.ts'
import { costEntrants } from './costs.ts'
import { findCores, pin } from './cpu.ts'
import { costPlan, duel, fullPlan, quickPlan } from './duel.ts'
import { measureFirstByte } from './first-byte.ts'
import { measureFleet } from './fleet.ts'
import { measureHanging } from './hanging.ts'
import { measureHundred } from './hundred.ts'
import { measureMatcher } from './matcher.ts'
import { countObjectCalls } from './object-calls.ts'
import { type BenchOptions, type Part, parseOptions, usage } from './options.ts'
import { startOrigin } from './origin.ts'
import { renderReport, renderTables } from './report.ts'
import type { Results } from './results.ts'
import { measureStartUp } from './startup.ts'
import { measureThroughput } from './throughput.ts'

const options = parseOptions(process.argv.slice(2))
if (options === null) {
  console.error(usage)
  process.exitCode = 2
} else {
  await bench(options)
}

async function bench(options: BenchOptions): Promise<void> {
  const build = await ensureBuild({ onBuild: () => console.log('building …') })
  const folder = mkdtempSync(join(tmpdir(), 'isogate-bench-'))
  // Also when the run is interrupted.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const origin = await startOrigin(folder)
  try {
    const cores = findCores()
    const url = `http://127.0.0.1:${origin.port}`
    const ring: Ring = { folder, origin: url, cores, build }
    const results = await measure(options, ring, origin.kind)
    console.log(`\n${renderTables(results)}`)
    if (!options.quick && options.only === null) write(results)
  } finally {
    await origin.stop()
  }
}

async function measure(options: BenchOptions, ring: Ring, origin: string): Promise<Results> {
  const { quick, only } = options
  const asked = (part: Part) => only?.has(part) ?? true
  const plan = quick ? quickPlan : fullPlan
  const unpinned: Ring = { ...ring, cores: null }

  const startUp = asked('startup') ? await measureStartUp(unpinned, quick ? 3 : 9) : null
  const matcher = asked('matcher') ? await measureMatcher(unpinned) : null

  const asking = cases
    // The noise belongs to each run.
    .filter(({ name }) => only === null || only.has(name) || name === 'bare')
    .filter(({ name }) => !name.startsWith('nginx') || versionOf('nginx', '-v') !== null)
  const entrants = asking.map((one) => entrantOf(one, ring))
  const steady = entrants.filter(({ isVaried }) => !isVaried)
  const loaded = only === null || cases.some(({ name }) => only.has(name))
  const note = (line: string) => console.log(line)
  if (ring.cores !== null) pin(process.pid, ring.cores.rest)
  const cpu = loaded ? await duel(entrants, plan, note) : []
  const costs = asked('costs') ? await duel(costEntrants(ring), quick ? plan : costPlan, note) : []
  const byHand = asked('aggregate') ? await duel(byHandEntrants(ring), byHandPlan, note) : []
  const firstByte = asked('aggregate') ? await measureFirstByte(unpinned, { requests: 240 }) : null
  const hundred = asked('aggregate') ? await measureHundred(unpinned, { requests: 2_000 }) : null
  const metered = await meteredRing(unpinned)
  const objectCalls = loaded ? await countObjectCalls(asking, metered) : []
  const fleet = asked('fleet') ? await measureFleet(metered, { seconds: quick ? 8 : 30 }) : null
  const bursts = asked('burst') ? await measureBursts(unpinned, { bursts: quick ? 3 : 9 }) : null
  const hanging = asked('hanging')
    ? await measureHanging(unpinned, { seconds: quick ? 8 : 30 })
    : null
  const throughput = loaded ? await measureThroughput(steady, quick ? 1 : 3) : null

  return {
    date: new Date().toISOString().slice(0, 10),
    computer: describeComputer(),
    origin,
    pinned: ring.cores !== null,
    plan,
    cpu,
    objectCalls,
    fleet,
    bursts,
    hanging,
    costs,
    byHand,
    firstByte,
    hundred,
    throughput,
    matcher,
    startUp,
    bundle: asked('bundle') ? measureBundle(ring.build) : null,
  }
}

/** The same gateway with a meter in its objects. */
async function meteredRing(ring: Ring): Promise<Ring> {
  const worker = await buildMetered(ring.build, ring.folder)
  return { ...ring, build: { ...ring.build, modules: { ...ring.build.modules, worker } } }
}

function write(results: Results): void {
  const path = (name: string) => join(projectFolder, name)
  writeFileSync(path('docs/benchmarks.md'), renderReport(results))
  writeFileSync(path('test/bench/results.json'), `${JSON.stringify(results, null, 2)}\n`)
}
