import { expect, test } from 'vitest'
import { makeGateway } from '../../../test/gateway.ts'
import { faultSchema } from './schema.ts'

/** Requests of these tests come in on 2026-01-02T03:04:05Z. */
const until = '2026-01-02T03:05:00Z'

function gateway(fault: object, defaults: object = {}) {
  return makeGateway({
    version: 1,
    ...defaults,
    upstreams: { users: { targets: ['https://users.example.com'] } },
    routes: [
      {
        name: 'users',
        match: { path: '/*' },
        policies: [{ use: 'fault', name: 'trial', until, ...fault }],
        upstream: 'users',
      },
    ],
  })
}

test('an aborted request is a problem that says so, and no service is called', async () => {
  const { ask, calls, events } = gateway({ abort: { percent: 100 } })
  const answer = await ask()
  expect(answer.status).toBe(503)
  expect(await answer.json()).toMatchObject({ code: 'FAULT_INJECTED', status: 503 })
  expect(calls).toEqual([])
  expect(events[0]).toMatchObject({ error: 'FAULT_INJECTED', policies: { trial: 'aborted' } })
})

test('an abort may have a status of its own', async () => {
  const answer = await gateway({ abort: { percent: 100, status: 500 } }).ask()
  expect(answer.status).toBe(500)
  expect(await answer.json()).toMatchObject({ code: 'FAULT_INJECTED', status: 500 })
})

test('a delayed request goes on afterwards', async () => {
  const { ask, events } = gateway({ delay: { ms: 1, percent: 100 } })
  expect((await ask()).status).toBe(200)
  expect(events[0]?.policies).toEqual({ trial: 'delayed' })
})

test('only requests that carry the field are met', async () => {
  const { ask } = gateway({ abort: { percent: 100 }, header: 'X-Fault' })
  expect((await ask()).status).toBe(200)
  expect((await ask({ headers: { 'x-fault': '1' } })).status).toBe(503)
})

test('a fault whose time is over does nothing', async () => {
  const { ask, events } = gateway({ abort: { percent: 100 }, until: '2026-01-02T03:04:00Z' })
  expect((await ask()).status).toBe(200)
  expect(events[0]?.policies).toEqual({ trial: 'passed' })
})

test('in shadow mode it only tells what it would have done', async () => {
  const { ask, events } = gateway({ mode: 'shadow', abort: { percent: 100 } })
  expect((await ask()).status).toBe(200)
  expect(events[0]?.policies).toEqual({ trial: 'would-be-aborted' })
})

test.each([
  ['no end', { use: 'fault', abort: { percent: 1 } }, 'until'],
  [
    'an end that no calendar has',
    { use: 'fault', abort: { percent: 1 }, until: '2026-02-30T00:00:00Z' },
    'until',
  ],
  ['a share above all', { use: 'fault', abort: { percent: 101 }, until }, 'abort.percent'],
  ['neither delay nor abort', { use: 'fault', until }, ''],
  [
    'a status that is no failure',
    { use: 'fault', abort: { percent: 1, status: 200 }, until },
    'abort.status',
  ],
])('%s is a problem of the document', (_name, written, path) => {
  const read = faultSchema.safeParse(written)
  const paths = read.success ? [] : read.error.issues.map((issue) => issue.path.join('.'))
  expect(paths).toEqual([path])
})
