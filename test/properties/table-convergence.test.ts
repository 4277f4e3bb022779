/** However KV spreads a change, every request sees it within the bound that the documentation states. */
import { expect, test } from 'vitest'
import { TableSource } from '../../src/config/source.ts'
import { type LookPolicy, lookPolicies } from '../../src/config/source-core.ts'
import { MemoryClock, settled } from '../../src/platform/memory/clock.ts'
import { KvDouble } from '../../src/platform/memory/kv-double.ts'
import { MemoryTableVersions } from '../../src/platform/memory/table-versions.ts'
import { fakeVersionOf, makeFakeLoad, makeRandom, tableText } from '../doubles/tables.ts'

const seeds = [Date.now() % 1_000_000, ...Array.from({ length: 9 }, (_, index) => index)]
const build = 'build-1'

interface Case {
  readonly name: string
  readonly policy: LookPolicy
  readonly kvDelayMs: number
  /** The longest pause between two requests to one isolate. */
  readonly pauseMs: number
  readonly boundMs: number
}

const cases: readonly Case[] = [
  {
    name: 'Cloudflare, with pauses',
    policy: lookPolicies.cloudflare,
    kvDelayMs: 60_000,
    pauseMs: 120_000,
    boundMs: 90_000,
  },
  {
    name: 'Cloudflare, busy',
    policy: lookPolicies.cloudflare,
    kvDelayMs: 60_000,
    pauseMs: 5_000,
    // The request that finds the look due is still served with the old table, and the next one is not.
    boundMs: 60_000 + 15_000 + 2 * 5_000,
  },
  {
    name: 'Cloudflare, on a bad day of KV',
    policy: lookPolicies.cloudflare,
    kvDelayMs: 90_000,
    pauseMs: 120_000,
    boundMs: 120_000,
  },
  {
    name: 'one machine',
    policy: lookPolicies.machine,
    kvDelayMs: 0,
    pauseMs: 3_000,
    boundMs: 1_000,
  },
]

test.each(cases.flatMap((one) => seeds.map((seed) => ({ ...one, seed }))))(
  'every isolate is on the new table within $boundMs ms ($name, seed $seed)',
  async ({ policy, kvDelayMs, pauseMs, boundMs, seed }) => {
    const random = makeRandom(seed)
    const clock = new MemoryClock(1_000_000)
    const kv = new KvDouble({ clock, maxDelayMs: kvDelayMs, seed })
    const shared = { clock, timers: clock, versionOf: fakeVersionOf }
    const versions = new MemoryTableVersions({ ...shared, documents: kv.at('owner') }).start()
    const put = async (name: string) => {
      const text = tableText({ name })
      const version = await fakeVersionOf(text)
      return clock.until(versions.put({ text, version, routes: 1, build, ifMatch: null }))
    }
    await put('old')
    // From here on every location has seen the old one; a first table has its misses to outlive.
    await clock.advance(kvDelayMs + 30_000)

    const isolates = Array.from({ length: 40 }, (_, index) => {
      const documents = kv.at(`location ${index % 8}`)
      const ports = { ...shared, documents, versions, defer: (work: Promise<unknown>) => void work }
      const source = new TableSource({
        load: makeFakeLoad(),
        versionOf: fakeVersionOf,
        policy,
        build,
        portsOf: () => ports,
      })
      return { source, ports, nextAt: clock.now() + random() * pauseMs }
    })

    let changedAt = Number.POSITIVE_INFINITY
    const changeAt = clock.now() + pauseMs
    const end = changeAt + boundMs + 3 * pauseMs
    let late = 0
    while (clock.now() < end) {
      const next = isolates.reduce((first, one) => (one.nextAt < first.nextAt ? one : first))
      await clock.advance(Math.max(0, next.nextAt - clock.now()))
      if (changedAt === Number.POSITIVE_INFINITY && clock.now() >= changeAt) {
        await put('new')
        changedAt = clock.now()
      }
      const { source, ports } = next
      const now = clock.now()
      const due = source.due(now)
      if (due === 'first') await clock.until(source.look(ports))
      if (source.plan?.routes[0]?.name !== 'new' && now >= changedAt + boundMs) late++
      if (due === 'behind') void source.look(ports)
      await settled()
      next.nextAt = clock.now() + random() * pauseMs
    }
    expect(late).toBe(0)
    expect(isolates.map(({ source }) => source.plan?.routes[0]?.name)).toEqual(
      isolates.map(() => 'new'),
    )
  },
)
