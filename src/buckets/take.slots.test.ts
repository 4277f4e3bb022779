import { expect, test } from 'vitest'
import { makeClaim, TestIsolate } from '../../test/buckets.ts'
import type { Admission, Ticket } from './claims.ts'
import { takeAll } from './take.ts'

const two = { kind: 'slots', limit: 2 } as const
const claim = makeClaim(two)

function ticketOf(admission: Admission): Ticket {
  if (admission.kind !== 'admitted') throw new Error(`not admitted: ${admission.kind}`)
  const [ticket] = admission.tickets
  if (ticket === undefined) throw new Error('no ticket')
  return ticket
}

test('a third request at the same time is refused over all isolates, until one has ended', async () => {
  const isolate = new TestIsolate('a')
  const other = new TestIsolate('b', isolate.clock, isolate.objects)
  const first = ticketOf(await isolate.taken([claim]))
  ticketOf(await other.taken([claim]))
  expect(await isolate.taken([claim])).toMatchObject({
    kind: 'refused',
    refused: [{ remaining: 0 }],
  })
  first.settle()
  await isolate.clock.advance(2_000)
  expect((await other.taken([claim])).kind).toBe('admitted')
})

test('a slot that comes free is told to the object at once', async () => {
  const isolate = new TestIsolate('a')
  const ticket = ticketOf(await isolate.taken([claim]))
  ticket.settle()
  await isolate.clock.advance(1)
  expect(isolate.objects.sent).toMatchObject([
    { using: 0, need: 1 },
    { using: 0, need: 0 },
  ])
  expect(await isolate.objects.look(claim.place, two)).toMatchObject({ outstanding: 0 })
})

test('a client that leaves frees its slot', async () => {
  const isolate = new TestIsolate('a')
  const ticket = ticketOf(await isolate.taken([claim]))
  ticket.leave()
  await isolate.clock.advance(1)
  expect(await isolate.objects.look(claim.place, two)).toMatchObject({ outstanding: 0 })
})

test('a slot is freed once, whoever says so', async () => {
  const isolate = new TestIsolate('a')
  const first = ticketOf(await isolate.taken([claim]))
  ticketOf(await isolate.taken([claim]))
  first.settle()
  first.settle()
  first.refund()
  await isolate.clock.advance(1)
  expect(await isolate.objects.look(claim.place, two)).toMatchObject({ outstanding: 1 })
})

test('a request that runs for an hour keeps its slot', async () => {
  const isolate = new TestIsolate('a')
  const other = new TestIsolate('b', isolate.clock, isolate.objects)
  ticketOf(await isolate.taken([makeClaim({ kind: 'slots', limit: 1 })]))
  await isolate.clock.advance(3_600_000)
  expect((await other.taken([makeClaim({ kind: 'slots', limit: 1 })])).kind).toBe('refused')
})

test('the slot of an isolate that died is free after its time', async () => {
  const dying = new TestIsolate('a')
  const claimOfOne = makeClaim({ kind: 'slots', limit: 1 })
  const { clock, objects } = dying
  const ports = { ...dying.request(), timers: { after: () => ({ done: never, cancel: () => {} }) } }
  expect((await takeAll([claimOfOne], ports)).kind).toBe('admitted')
  const other = new TestIsolate('b', clock, objects)
  await clock.advance(5_000)
  expect((await other.taken([claimOfOne])).kind).toBe('refused')
  await clock.advance(20_000)
  expect((await other.taken([claimOfOne])).kind).toBe('admitted')
})

const never = new Promise<never>(() => {})

test('when the object cannot be reached, a tenth of the slots can be used here, and come free again', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'fault'
  const local = makeClaim({ kind: 'slots', limit: 20 }, { onStoreFault: 'local' })
  const first = ticketOf(await isolate.taken([local]))
  expect(first.by).toBe('local')
  ticketOf(await isolate.taken([local]))
  expect((await isolate.taken([local])).kind).toBe('refused')
  first.settle()
  expect((await isolate.taken([local])).kind).toBe('admitted')
})

test('a refunded slot that stood for a failed store comes free once', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'fault'
  const local = makeClaim({ kind: 'slots', limit: 20 }, { onStoreFault: 'local' })
  const first = ticketOf(await isolate.taken([local]))
  ticketOf(await isolate.taken([local]))
  first.refund()
  first.settle()
  ticketOf(await isolate.taken([local]))
  expect((await isolate.taken([local])).kind).toBe('refused')
})

test('a rate and slots of one request are taken together or not at all', async () => {
  const isolate = new TestIsolate('a')
  const rate = makeClaim(
    { kind: 'rate', limit: 1, windowMs: 60_000, burst: 1 },
    {
      place: { ...claim.place, object: 'rate' },
    },
  )
  ticketOf(await isolate.taken([rate]))
  const other = new TestIsolate('b', isolate.clock, isolate.objects)
  expect((await other.taken([rate, claim])).kind).toBe('refused')
  await isolate.clock.advance(1)
  expect(await isolate.objects.look(claim.place, two)).toMatchObject({ outstanding: 0 })
})
