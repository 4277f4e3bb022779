import { expect, test } from 'vitest'
import { makeExchange } from '../../test/exchange.ts'
import type { Admission, Claim, RefusedClaim, Ticket } from '../buckets/claims.ts'
import type { BucketShape } from '../buckets/shape.ts'
import { refuse } from '../errors/refusal.ts'
import type { Answer, Exchange } from './exchange.ts'
import { finish } from './finish.ts'
import { bindLimits, type LimitStep } from './limits.ts'
import type { Limit } from './policy.ts'

const minute: BucketShape = { kind: 'rate', limit: 100, windowMs: 60_000, burst: 100 }

function claim(label: string, shape = minute): Claim {
  const place = { policy: label, object: label, bucket: '', location: null }
  return { label, place, shape, cost: 1, storeTimeoutMs: 1000, onStoreFault: 'local' }
}

function step(name: string, more: Partial<LimitStep> & { readonly limit?: Partial<Limit> } = {}) {
  const own = [claim(name)]
  const { limit, ...rest } = more
  const policy: Limit = {
    kind: 'limit',
    code: 'RATE_LIMITED',
    claims: () => own,
    legacyHeaders: false,
    conclude: null,
    buckets: {
      names: [],
      isLocal: false,
      shapes: null,
      find: () => ({ kind: 'found', claims: own }),
    },
    ...limit,
  }
  return { name, mode: 'enforce', when: null, resolve: () => null, ...rest, policy } as const
}

/** What was done with the tickets of all claims, in order. */
type Log = string[]

function ticket(of: Claim, log: Log, more: Partial<Ticket> = {}): Ticket {
  let isOpen = true
  const end = (what: string) => {
    if (isOpen) log.push(`${what} ${of.label}`)
    isOpen = false
  }
  return {
    claim: of,
    by: 'bucket',
    remaining: () => 7,
    resetMs: () => null,
    settle: (cost) => end(cost === undefined ? 'settle' : `settle ${cost} of`),
    refund: () => end('refund'),
    leave: () => end('settle'),
    more: () => true,
    overdraw: (cost) => void log.push(`overdraw ${cost} of ${of.label}`),
    ...more,
  }
}

function setUp(
  steps: readonly LimitStep[],
  given: {
    readonly admit?: (claims: readonly Claim[]) => Admission | Promise<Admission> | null
    readonly answer?: (exchange: Exchange) => Answer | Promise<Answer>
    readonly ticket?: Partial<Ticket>
    readonly exchange?: Exchange
  } = {},
) {
  const log: Log = []
  const asked: string[][] = []
  const exchange = given.exchange ?? makeExchange()
  const run = bindLimits(
    steps,
    (at) => given.answer?.(at) ?? new Response('ok'),
    (claims) => {
      asked.push(claims.map(({ label }) => label))
      const tickets = claims.map((one) => ticket(one, log, given.ticket))
      return given.admit?.(claims) ?? { kind: 'admitted', tickets }
    },
  )
  const ask = async () => finish(exchange, await run(exchange))
  return { run: () => run(exchange), ask, log, asked, exchange, policies: exchange.event.policies }
}

function refusedOf(of: Claim, more: Partial<RefusedClaim> = {}): RefusedClaim {
  return { claim: of, retryAfterMs: 1500, overloaded: false, remaining: 0, ...more }
}

const refuseAll =
  (more: Partial<RefusedClaim> = {}) =>
  (claims: readonly Claim[]): Admission => ({
    kind: 'refused',
    refused: claims.map((one) => refusedOf(one, more)),
  })

test('limits that stand side by side are asked together', async () => {
  const { ask, asked, policies } = setUp([step('a'), step('b')])
  await ask()
  expect(asked).toEqual([['a', 'b']])
  expect(policies).toEqual({ a: 'passed', b: 'passed' })
})

test('where tokens and answer are there at once no promise is made', () => {
  expect(setUp([step('a')]).run()).toBeInstanceOf(Response)
})

test('an admitted answer says what is allowed and what is left', async () => {
  const { headers } = await setUp([step('a'), step('b')]).ask()
  expect(headers.get('ratelimit-policy')).toBe('"a";q=100;w=60, "b";q=100;w=60')
  expect(headers.get('ratelimit')).toBe('"a";r=7, "b";r=7')
})

test("the fields replace the service's own, and say what holds when the answer leaves", async () => {
  let left = 7
  const answer = () => {
    left = 3
    return new Response('ok', { headers: { ratelimit: '"x";r=1', 'ratelimit-policy': '"x";q=1' } })
  }
  const { headers } = await setUp([step('a')], { answer, ticket: { remaining: () => left } }).ask()
  expect(headers.get('ratelimit')).toBe('"a";r=3')
  expect(headers.get('ratelimit-policy')).toBe('"a";q=100;w=60')
})

test('a problem that comes after the limits carries the fields too', async () => {
  const { headers, status } = await setUp([step('a')], {
    answer: () => refuse('UPSTREAM_TIMEOUT'),
  }).ask()
  expect(status).toBe(504)
  expect(headers.get('ratelimit')).toBe('"a";r=7')
})

test('a refused request is RATE_LIMITED with the time to wait, rounded up', async () => {
  const { ask, policies } = setUp([step('a')], { admit: refuseAll() })
  const response = await ask()
  expect(response.status).toBe(429)
  expect(response.headers.get('retry-after')).toBe('2')
  expect(response.headers.get('ratelimit')).toBe('"a";r=0;t=2')
  expect(response.headers.get('ratelimit-policy')).toBe('"a";q=100;w=60')
  expect(await response.json()).toMatchObject({
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    code: 'RATE_LIMITED',
    'violated-policies': ['a'],
  })
  expect(policies).toEqual({ a: 'refused' })
})

test('of several that refuse the longest says how long, and which problem it is', async () => {
  const steps = [step('a'), step('b', { limit: { code: 'QUOTA_EXCEEDED' } }), step('c')]
  const admit = ([a, b]: readonly Claim[]): Admission => ({
    kind: 'refused',
    refused: [refusedOf(a as Claim), refusedOf(b as Claim, { retryAfterMs: 60_000 })],
  })
  const response = await setUp(steps, { admit }).ask()
  expect(response.headers.get('retry-after')).toBe('60')
  expect(response.headers.get('ratelimit')).toBe('"a";r=0;t=2, "b";r=0;t=60')
  const problem = await response.json()
  expect(problem).toMatchObject({ code: 'QUOTA_EXCEEDED', 'violated-policies': ['a', 'b'] })
})

test('a request that can never pass is not told to come back', async () => {
  const { ask } = setUp([step('a')], { admit: refuseAll({ retryAfterMs: null }) })
  const response = await ask()
  expect(response.status).toBe(429)
  expect(response.headers.has('retry-after')).toBe(false)
  expect(response.headers.get('ratelimit')).toBe('"a";r=0')
})

test('an overloaded store is a refusal for a second', async () => {
  const { ask, policies } = setUp([step('a')], {
    admit: refuseAll({ retryAfterMs: 120, overloaded: true }),
  })
  const response = await ask()
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1'])
  expect(policies).toEqual({ a: 'refused:store-overloaded' })
})

test('a store that failed is STORE_UNAVAILABLE where the policy denies', async () => {
  const { ask, policies } = setUp([step('a'), step('b')], {
    admit: ([a]) => ({ kind: 'fault', claims: [a as Claim] }),
  })
  const response = await ask()
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await response.json()).toMatchObject({ code: 'STORE_UNAVAILABLE', policies: ['a'] })
  expect(policies).toMatchObject({ a: 'refused:store-unavailable' })
})

test.each([
  ['local', '"a";r=7'],
  ['unlimited', null],
] as const)('the event says that %s tokens stood in for a store', async (by, limits) => {
  const { ask, policies } = setUp([step('a')], { ticket: { by } })
  const { headers } = await ask()
  expect(policies).toEqual({ a: `passed:${by}` })
  expect(headers.get('ratelimit')).toBe(limits)
})

test('a policy that finds no plan refuses, and nothing is taken', async () => {
  const planless = step('b', { limit: { claims: () => refuse('PLAN_MISSING') } })
  const { ask, asked, policies } = setUp([step('a'), planless])
  expect((await ask()).status).toBe(403)
  expect(asked).toEqual([])
  expect(policies.b).toBe('refused')
})

test('a policy that draws on nothing costs nothing', async () => {
  const { ask, asked, policies } = setUp([step('a', { limit: { claims: () => [] } })])
  expect((await ask()).headers.has('ratelimit')).toBe(false)
  expect(asked).toEqual([])
  expect(policies).toEqual({ a: 'passed' })
})

test('an answer spends the tokens, whoever it is from', async () => {
  const answers: Answer[] = [new Response('ok'), refuse('UPSTREAM_UNREACHABLE')]
  for (const answer of answers) {
    const { ask, log } = setUp([step('a'), step('b')], { answer: () => answer })
    await ask()
    expect(log).toEqual(['settle a', 'settle b'])
  }
})

test('tokens return where the gateway failed the request before anything was sent', async () => {
  const { ask, log } = setUp([step('a'), step('b')], {
    answer: () => Promise.resolve(refuse('BREAKER_OPEN', { unsent: true })),
  })
  await ask()
  expect(log).toEqual(['refund a', 'refund b'])
})

test.each([
  [
    'at once',
    () => {
      throw new Error('bug')
    },
  ],
  ['later', () => Promise.reject(new Error('bug'))],
] as [string, () => Answer | Promise<Answer>][])(
  'a bug that comes %s spends the tokens',
  async (_when, answer) => {
    const { ask, log } = setUp([step('a')], { answer })
    await expect(ask()).rejects.toThrow('bug')
    expect(log).toEqual(['settle a'])
  },
)

test('a client that leaves spends the tokens once', async () => {
  const { ask, log, exchange } = setUp([step('a')], {
    answer: (at) => {
      at.onLeave?.()
      return new Response('too late')
    },
  })
  await ask()
  expect(log).toEqual(['settle a'])
  expect(exchange.onLeave).not.toBeNull()
})

test('a limit with late costs concludes with its own tickets; what it leaves open is spent', async () => {
  const seen: string[][] = []
  const late = step('b', {
    limit: {
      conclude: ({ tickets, answer }) => {
        seen.push(tickets.map(({ claim: { label } }) => label))
        tickets[0]?.settle(3)
        return answer
      },
    },
  })
  const { ask, log } = setUp([step('a'), late])
  await ask()
  expect(seen).toEqual([['b']])
  expect(log).toEqual(['settle a', 'settle 3 of b'])
})

const holder = (conclude: Limit['conclude'] = ({ answer }) => answer) =>
  step('a', { limit: { holds: true, conclude } })

test('a limit that holds its tickets keeps them beyond the answer', async () => {
  const { ask, log } = setUp([holder()])
  await ask()
  expect(log).toEqual([])
})

test('where the answer is a problem a holder is not asked, and its tickets are spent', async () => {
  const { ask, log } = setUp(
    [
      holder(() => {
        throw new Error('asked')
      }),
    ],
    {
      answer: () => refuse('UPSTREAM_TIMEOUT'),
    },
  )
  await ask()
  expect(log).toEqual(['settle a'])
})

test('legacy fields tell of the limit with the least left', async () => {
  const legacy = { limit: { legacyHeaders: true } }
  const { headers } = await setUp([step('a', legacy), step('b')]).ask()
  expect(headers.get('x-ratelimit-limit')).toBe('100')
  expect(headers.get('x-ratelimit-remaining')).toBe('7')
  expect(headers.get('x-ratelimit-reset')).toBe('0')
  const refused = await setUp([step('a', legacy)], { admit: refuseAll() }).ask()
  expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
  expect(refused.headers.get('x-ratelimit-reset')).toBe('2')
  const none = await setUp([step('a')]).ask()
  expect(none.headers.has('x-ratelimit-limit')).toBe(false)
})

const shadow = { mode: 'shadow' } as const

test('a limit in shadow mode is asked apart, and refuses nobody', async () => {
  const { ask, asked, policies, log } = setUp([step('a'), step('b', shadow), step('c', shadow)], {
    admit: (claims) => (claims[0]?.label === 'b' ? refuseAll()(claims) : null),
  })
  const { status, headers } = await ask()
  expect(status).toBe(200)
  expect(asked).toEqual([['a'], ['b'], ['c']])
  expect(policies).toEqual({ a: 'passed', b: 'would-refuse', c: 'would-pass' })
  expect(headers.get('ratelimit-policy')).toBe('"a";q=100;w=60')
  expect(log).toEqual(['settle a', 'settle c'])
})

test('an answer behind shadow limits alone leaves as it came', async () => {
  const answer = new Response('ok')
  const { ask } = setUp([step('a', shadow)], { answer: () => answer })
  expect(await ask()).toBe(answer)
})

test('the outcome of a shadow limit that is asked late is in the event', async () => {
  const { ask, policies } = setUp([step('a', shadow)], {
    admit: (claims) => Promise.resolve(refuseAll()(claims)),
  })
  await ask()
  expect(policies).toEqual({ a: 'would-refuse' })
})

test.each([
  [
    'throws',
    () => {
      throw new Error('bug')
    },
  ],
  ['rejects', () => Promise.reject(new Error('bug'))],
  ['fails', (claims: readonly Claim[]): Admission => ({ kind: 'fault', claims })],
] as [string, (claims: readonly Claim[]) => Admission][])(
  'a shadow limit whose store %s harms nobody',
  async (_how, admit) => {
    const { ask, policies } = setUp([step('a', shadow)], { admit })
    expect((await ask()).status).toBe(200)
    expect(policies).toEqual({ a: 'failed' })
  },
)

test('a shadow limit counts nothing for a request that an enforced one refuses', async () => {
  const { ask, asked } = setUp([step('a', shadow), step('b')], { admit: refuseAll() })
  expect((await ask()).status).toBe(429)
  expect(asked).toEqual([['b']])
})

test('a limit whose `when` does not hold is not asked', async () => {
  const when = { holds: () => false, body: null }
  const { ask, asked, policies } = setUp([step('a', { when }), step('b')])
  await ask()
  expect(asked).toEqual([['b']])
  expect(policies).toEqual({ b: 'passed' })
})

test('a condition on the body is read before anything is taken', async () => {
  const body = new TextEncoder().encode('{"a":1}').buffer as ArrayBuffer
  const headers = { 'content-type': 'application/json' }
  const exchange = makeExchange({ method: 'POST', headers, body })
  const when = {
    holds: ({ body: read }: Exchange['subject']) => read.kind === 'json',
    body: { mayHold: () => true, limitBytes: 100 },
  }
  const { ask, asked } = setUp([step('a', { when }), step('b')], { exchange })
  await ask()
  expect(asked).toEqual([['a', 'b']])
})

const periods: [BucketShape, string][] = [
  [{ kind: 'quota', limit: 5, period: { per: 'minute' } }, 'q=5;w=60'],
  [{ kind: 'quota', limit: 5, period: { per: 'hour' } }, 'q=5;w=3600'],
  [{ kind: 'quota', limit: 5, period: { per: 'day' } }, 'q=5;w=86400'],
  [{ kind: 'quota', limit: 5, period: { per: 'week' } }, 'q=5;w=604800'],
  // January has 31 days.
  [{ kind: 'quota', limit: 5, period: { per: 'month' } }, 'q=5;w=2678400'],
  [
    { kind: 'quota', limit: 5, period: { per: 'anchored', anchorMs: 0, everyDays: 2 } },
    'q=5;w=172800',
  ],
  [{ kind: 'slots', limit: 5 }, 'q=5;qu="concurrent-requests"'],
]

test.each(periods)('the window of %j is that of its period', async (shape, expected) => {
  const { ask } = setUp([step('a', { limit: { claims: () => [claim('a', shape)] } })])
  expect((await ask()).headers.get('ratelimit-policy')).toBe(`"a";${expected}`)
})
