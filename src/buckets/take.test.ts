import { expect, test } from 'vitest'
import { makeClaim, TestIsolate } from '../../test/buckets.ts'
import type { Admission, Claim, Ticket } from './claims.ts'
import type { LeaseCall } from './messages.ts'
import { forgetRefusal } from './take.ts'

const hundred = { kind: 'rate', limit: 100, windowMs: 1_000, burst: 100 } as const
const five = { kind: 'rate', limit: 5, windowMs: 60_000, burst: 5 } as const
const at = (object: string): Claim['place'] => ({ ...makeClaim(hundred).place, object })

function ticketsOf(admission: Admission): readonly Ticket[] {
  if (admission.kind !== 'admitted') throw new Error(`not admitted: ${admission.kind}`)
  return admission.tickets
}

/** Ten requests in one millisecond: then the isolate holds a lease. */
async function warm(isolate: TestIsolate, claim: Claim): Promise<void> {
  const all = await isolate.clock.until(
    Promise.all(Array.from({ length: 10 }, async () => isolate.take([claim]))),
  )
  for (const admission of all) for (const ticket of ticketsOf(admission)) ticket.settle()
  // The next one asks for the demand that was measured.
  const [ticket] = ticketsOf(await isolate.taken([claim]))
  ticket?.settle()
}

test('nothing to ask is admitted at once', () => {
  expect(new TestIsolate('a').take([])).toEqual({ kind: 'admitted', tickets: [] })
})

test('the first request of a key waits for its object', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.delayMs = 40
  const admission = isolate.take([makeClaim(five)])
  expect(admission).toBeInstanceOf(Promise)
  const [ticket] = ticketsOf(await isolate.clock.until(Promise.resolve(admission)))
  expect(ticket).toMatchObject({ by: 'bucket' })
  expect(isolate.objects.sent).toMatchObject([{ seq: 1, need: [1], isolate: 'a' }])
})

test('a small limit is exact request by request, and the sixth of five is told when to come', async () => {
  const isolate = new TestIsolate('a')
  for (let left = 4; left >= 0; left -= 1) {
    const [ticket] = ticketsOf(await isolate.taken([makeClaim(five)]))
    ticket?.settle()
    expect(ticket?.remaining(isolate.clock.now())).toBe(left)
  }
  const sixth = await isolate.taken([makeClaim(five)])
  expect(sixth).toMatchObject({
    kind: 'refused',
    refused: [{ retryAfterMs: 12_000, overloaded: false, remaining: 0 }],
  })
})

test('a refusal is remembered: the next request is refused with no hop and no wait', async () => {
  const isolate = new TestIsolate('a')
  for (let count = 0; count < 6; count += 1) await isolate.taken([makeClaim(five)])
  const calls = isolate.objects.sent.length
  await isolate.clock.advance(2_000)
  expect(isolate.take([makeClaim(five)])).toMatchObject({
    kind: 'refused',
    refused: [{ retryAfterMs: 10_000 }],
  })
  expect(isolate.objects.sent.length).toBe(calls)
})

test('at the time that a refused request was told there is a token', async () => {
  const isolate = new TestIsolate('a')
  for (let count = 0; count < 6; count += 1) await isolate.taken([makeClaim(five)])
  await isolate.clock.advance(12_000)
  expect((await isolate.taken([makeClaim(five)])).kind).toBe('admitted')
})

test('an operator who filled the bucket is heard at once where the refusal is forgotten', async () => {
  const isolate = new TestIsolate('a')
  const claim = makeClaim(five)
  for (let count = 0; count < 6; count += 1) await isolate.taken([claim])
  await isolate.objects.change(claim.place, five, { kind: 'reset' })
  forgetRefusal(claim.place, isolate.request())
  expect((await isolate.taken([claim])).kind).toBe('admitted')
})

test('a key that is used gets a lease, and then is admitted with no promise and no hop', async () => {
  const isolate = new TestIsolate('a')
  const claim = makeClaim(hundred)
  await warm(isolate, claim)
  const calls = isolate.objects.sent.length
  const admission = isolate.take([claim])
  expect(admission).toMatchObject({ kind: 'admitted', tickets: [{ by: 'bucket' }] })
  expect(isolate.objects.sent.length).toBe(calls)
})

test('a cost above what the bucket holds is refused for ever, without asking', () => {
  const isolate = new TestIsolate('a')
  expect(isolate.take([makeClaim(five, { cost: 6 })])).toMatchObject({
    kind: 'refused',
    refused: [{ retryAfterMs: null }],
  })
  expect(isolate.objects.sent).toEqual([])
})

test('a cost of 0 asks nothing and is always admitted', () => {
  const isolate = new TestIsolate('a')
  const [ticket] = ticketsOf(isolate.take([makeClaim(five, { cost: 0 })]) as Admission)
  expect([ticket?.remaining(isolate.clock.now()), isolate.objects.sent.length]).toEqual([5, 0])
})

test('several limits are asked in parallel', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.delayMs = 100
  const before = isolate.clock.now()
  const claims = [makeClaim(hundred, { place: at('one') }), makeClaim(five, { place: at('two') })]
  expect(ticketsOf(await isolate.taken(claims)).map(({ claim }) => claim)).toEqual(claims)
  expect(isolate.clock.now() - before).toBe(200)
})

test('where one limit refuses, what the others gave goes back', async () => {
  const isolate = new TestIsolate('a')
  const open = makeClaim(hundred, { place: at('open') })
  const full = makeClaim(five, { place: at('full') })
  const other = new TestIsolate('b', isolate.clock, isolate.objects)
  for (let count = 0; count < 5; count += 1) await other.taken([full])
  expect(await isolate.taken([open, full])).toMatchObject({
    kind: 'refused',
    refused: [{ claim: full }],
  })
  // The next call tells the object.
  await isolate.taken([open])
  expect(isolate.objects.sent.at(-1)).toMatchObject({ refund: 1 })
  // One is admitted, and three lie in the pocket.
  expect(await isolate.objects.look(open.place, hundred)).toMatchObject({
    available: 96,
    outstanding: 3,
  })
})

test('a remembered refusal takes nothing from the other limits', async () => {
  const isolate = new TestIsolate('a')
  const open = makeClaim(hundred, { place: at('open') })
  const full = makeClaim(five, { place: at('full') })
  for (let count = 0; count < 6; count += 1) await isolate.taken([full])
  const calls = isolate.objects.sent.length
  expect(isolate.take([open, full])).toMatchObject({ kind: 'refused', refused: [{ claim: full }] })
  expect(isolate.objects.sent.length).toBe(calls)
})

test('two limits on one bucket take both their costs from it', async () => {
  const isolate = new TestIsolate('a')
  await isolate.taken([makeClaim(five), makeClaim(five)])
  expect(await isolate.objects.look(makeClaim(five).place, five)).toMatchObject({ available: 3 })
})

test('over eight isolates no more is admitted than the bucket holds', async () => {
  const first = new TestIsolate('i0')
  const { clock, objects } = first
  objects.delayMs = 5
  const others = Array.from({ length: 7 }, (_, i) => new TestIsolate(`i${i + 1}`, clock, objects))
  const claim = makeClaim({ ...hundred, windowMs: 3_600_000 })
  let admitted = 0
  for (let round = 0; round < 40; round += 1) {
    const all = await clock.until(
      Promise.all([first, ...others].map(async (isolate) => isolate.take([claim]))),
    )
    for (const admission of all) {
      if (admission.kind !== 'admitted') continue
      admitted += 1
      for (const ticket of admission.tickets) ticket.settle()
    }
  }
  expect(admitted).toBe(100)
})

test('a refund of a direct grant is heard of by the object, of a lease by the pocket', async () => {
  const isolate = new TestIsolate('a')
  const claim = makeClaim(hundred)
  await warm(isolate, claim)
  const [ticket] = ticketsOf(await isolate.taken([claim]))
  const before = ticket?.remaining(isolate.clock.now()) ?? 0
  ticket?.refund()
  expect(ticket?.remaining(isolate.clock.now())).toBe(before + 1)
})

test('a ticket ends once', async () => {
  const isolate = new TestIsolate('a')
  const [ticket] = ticketsOf(await isolate.taken([makeClaim(five)]))
  ticket?.settle()
  ticket?.refund()
  ticket?.leave()
  await isolate.taken([makeClaim(five)])
  expect(isolate.objects.sent.at(-1)).toMatchObject({ refund: 0 })
})

test('a cost that turns out smaller gives the rest back', async () => {
  const isolate = new TestIsolate('a')
  const claim = makeClaim(hundred, { cost: 10 })
  const [ticket] = ticketsOf(await isolate.taken([claim]))
  ticket?.settle(3)
  await isolate.taken([makeClaim(hundred)])
  expect(isolate.objects.sent.at(-1)).toMatchObject({ refund: 7 })
})

test('more can be taken while the request runs, as long as it is there', async () => {
  const isolate = new TestIsolate('a')
  const [ticket] = ticketsOf(await isolate.taken([makeClaim(five)]))
  expect(await isolate.clock.until(Promise.resolve(ticket?.more(3)))).toBe(true)
  expect(await isolate.clock.until(Promise.resolve(ticket?.more(2)))).toBe(false)
  ticket?.settle()
  expect(await isolate.objects.look(makeClaim(five).place, five)).toMatchObject({ available: 1 })
})

test('of what was taken in steps the last can be given back, the others are spent', async () => {
  const isolate = new TestIsolate('a')
  const [ticket] = ticketsOf(await isolate.taken([makeClaim(five, { cost: 2 })]))
  await isolate.clock.until(Promise.resolve(ticket?.more(3)))
  ticket?.settle(1)
  await isolate.taken([makeClaim(five)])
  expect(isolate.objects.sent.at(-1)).toMatchObject({ refund: 3 })
})

test('what is used beyond the reserve is owed: nobody is admitted until it is paid', async () => {
  const isolate = new TestIsolate('a')
  const [ticket] = ticketsOf(await isolate.taken([makeClaim(five)]))
  ticket?.overdraw(6)
  ticket?.settle()
  await Promise.all(isolate.deferred)
  expect(isolate.objects.sent.at(-1)).toMatchObject({ overdrawn: 6, need: [] })
  // Four were left: two are owed, and the third has to come.
  expect(await isolate.taken([makeClaim(five)])).toMatchObject({
    kind: 'refused',
    refused: [{ retryAfterMs: 36_000 }],
  })
})

test('a pocket that nobody uses is given back within two seconds', async () => {
  const isolate = new TestIsolate('a')
  const claim = makeClaim({ ...hundred, windowMs: 3_600_000 })
  await warm(isolate, claim)
  await isolate.clock.advance(2_000)
  expect(isolate.objects.sent.at(-1)).toMatchObject({ final: true, hold: 0 })
  expect(await isolate.objects.look(claim.place, claim.shape)).toMatchObject({
    available: 89,
    outstanding: 0,
  })
})

test('one request watches over a pocket, and another takes over before long', async () => {
  const isolate = new TestIsolate('a')
  const claim = makeClaim(hundred)
  await warm(isolate, claim)
  const watching = isolate.deferred.length
  ticketsOf(await isolate.taken([claim]))[0]?.settle()
  expect(isolate.deferred.length).toBe(watching)
  for (let second = 0; second < 8; second += 1) {
    await isolate.clock.advance(500)
    ticketsOf(await isolate.taken([claim]))[0]?.settle()
  }
  const finals = isolate.objects.sent.filter((call) => (call as LeaseCall).final)
  expect(finals).toEqual([])
  await isolate.clock.advance(2_000)
  expect(isolate.objects.sent.at(-1)).toMatchObject({ final: true })
})

test('a client that leaves defers nothing that lasts', async () => {
  const isolate = new TestIsolate('a')
  const claim = makeClaim(hundred)
  await isolate.clock.until(
    Promise.all(Array.from({ length: 10 }, async () => isolate.take([claim]))),
  )
  const [ticket] = ticketsOf(await isolate.taken([claim]))
  const before = isolate.deferred.length
  ticket?.leave()
  expect(isolate.deferred.length).toBe(before)
})
