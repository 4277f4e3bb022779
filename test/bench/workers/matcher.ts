/**
 * Look-ups and the compiling of a table, timed inside workerd. The runtime's clock counts whole milliseconds,
 * so each sample is a loop of many look-ups. (On Cloudflare the clock stands still within a request: this
 * Worker is for bare workerd alone.)
 */
import { Memoirist } from 'memoirist'
import { loadTable } from '../../../src/config/load.ts'
import { buildMatcher } from '../../../src/match/matcher.ts'
import type { Subject } from '../../../src/match/subject.ts'
import type { Environment } from '../../../src/platform/ports.ts'
import type { Compiling, LookUps } from '../samples.ts'

const SAMPLES = 15
const LOOK_UPS = 400_000 // At 0.3 us each 120 ms: a hundred times what the clock can tell apart.
const SUBJECTS = 4096

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url)
    const routes = Number(searchParams.get('routes'))
    if (pathname === '/look-ups') return Response.json(lookUps(routes))
    return Response.json(compiling(routes, await request.text()))
  },
} satisfies ExportedHandler

/** As in the tables of the other cases: a prefix, params, a rest. */
function pathsOf(index: number): { readonly pattern: string; readonly path: string } {
  const service = `/api/v1/service-${Math.floor(index / 4)}`
  switch (index % 4) {
    case 0:
      return { pattern: service, path: service }
    case 1:
      return { pattern: `${service}/:id`, path: `${service}/${index}` }
    case 2:
      return { pattern: `${service}/:id/items/:item`, path: `${service}/${index}/items/7` }
    default:
      return { pattern: `${service}/files/*path`, path: `${service}/files/a/b/c.txt` }
  }
}

function lookUps(routes: number): LookUps {
  const all = Array.from({ length: routes }, (_, index) => pathsOf(index))
  const matcher = buildMatcher(
    all.map(({ pattern }, route) => ({ route, match: [{ path: pattern, methods: ['GET'] }] })),
  )
  const peer = new Memoirist<number>()
  // Its rest parameter has no name.
  for (const [route, { pattern }] of all.entries()) {
    peer.add('GET', pattern.replace('*path', '*'), route)
  }
  const subjects = Array.from({ length: SUBJECTS }, (_, index) => {
    // A stride that shares no factor with the table: consecutive look-ups are far apart in it.
    return subjectOf(all[(index * 7919) % routes]?.path ?? '/')
  })
  const isogate = () => {
    let found = 0
    for (let at = 0; at < LOOK_UPS; at++) {
      if (matcher.find(subjects[at % SUBJECTS] as Subject).kind === 'matched') found += 1
    }
    return found
  }
  const memoirist = () => {
    let found = 0
    for (let at = 0; at < LOOK_UPS; at++) {
      if (peer.find('GET', (subjects[at % SUBJECTS] as Subject).path) !== null) found += 1
    }
    return found
  }
  const ours: number[] = []
  const theirs: number[] = []
  for (let sample = -2; sample < SAMPLES; sample++) {
    const [mine, other] = [nanoseconds(isogate), nanoseconds(memoirist)]
    // The first two warm up.
    if (sample < 0) continue
    ours.push(mine)
    theirs.push(other)
  }
  return { routes, isogate: ours, memoirist: theirs }
}

function nanoseconds(loop: () => number): number {
  const before = Date.now()
  if (loop() !== LOOK_UPS) throw new Error('a path of the table found no route')
  return ((Date.now() - before) * 1e6) / LOOK_UPS
}

function subjectOf(path: string): Subject {
  return {
    method: 'GET',
    host: 'api.example.com',
    path,
    query: '',
    headers: {},
    client: { address: '192.0.2.1', country: null, continent: null, asn: null, colo: null },
    body: { kind: 'unread' },
  }
}

function compiling(routes: number, text: string): Compiling {
  const environment: Environment = {
    variable: () => undefined,
    secret: () => undefined,
    service: () => 'absent',
  }
  const time = (trusted: boolean) => {
    const before = Date.now()
    const { kind } = loadTable(text, environment, { trusted })
    if (kind !== 'loaded') throw new Error('the table was refused')
    return Date.now() - before
  }
  // The first of each is kept: an isolate compiles its table cold.
  const judgedMs: number[] = []
  const trustedMs: number[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    trustedMs.push(time(true))
    judgedMs.push(time(false))
  }
  return { routes, judgedMs, trustedMs }
}
