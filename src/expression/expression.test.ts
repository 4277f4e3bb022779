import { expect, test } from 'vitest'
import { type ExchangeParts, makeExchange, START } from '../../test/exchange.ts'
import { compileExpression, type Evaluated, type Expression } from './expression.ts'
import { refusalOf } from './refusal.ts'

function compiled(text: string): Expression {
  const result = compileExpression(text)
  if (result.kind === 'invalid') throw new TypeError(`${text}: expected ${result.reason}`)
  return result.expression
}

const evaluate = (
  text: string,
  input: unknown = {},
  parts: ExchangeParts = {},
): Promise<Evaluated> =>
  compiled(text).evaluate(input, { exchange: makeExchange(parts), now: START })

const resultOf = async (text: string, input: unknown = {}, parts: ExchangeParts = {}) => {
  const evaluated = await evaluate(text, input, parts)
  return evaluated.kind === 'value' ? evaluated.value : evaluated
}

const request: ExchangeParts = {
  url: 'https://api.example.com/?x=7&empty=',
  headers: { 'Accept-Language': 'de', cookie: 'theme=dark' },
  params: { id: 'u1' },
  route: 'users',
  client: { country: 'DE', asn: 3320 },
  identity: {
    authority: 'jwt:https://id.example.com',
    subject: 'u7',
    claims: {
      sub: 'u7',
      level: 3,
      ok: false,
      realm: { roles: ['a', 'b'] },
      'https://x/tenant': 't1',
      ['__proto__']: 'p',
    },
    roles: [],
    scopes: [],
    permissions: [],
    consumer: { name: 'app', plan: 'gold', roles: [], metadata: {} },
  },
}

test.each([
  ['$params.id', 'u1', 'params.id'],
  ['$query.x', '7', 'query.x'],
  ['$query.empty', undefined, 'query.empty'],
  ['$query.absent', undefined, 'query.absent'],
  ['$header.`accept-language`', 'de', 'header.accept-language'],
  ['$header.`Accept-Language`', 'de', 'header.Accept-Language'],
  ['$cookie.theme', 'dark', 'cookie.theme'],
  ['$claims.sub', 'u7', 'claims.sub'],
  ['$claims.level', 3, 'claims.level'],
  ['$claims.ok', false, 'claims.ok'],
  ['$claims.realm.roles', ['a', 'b'], 'claims.realm.roles'],
  ['$claims.realm.roles[0]', 'a', 'claims.realm.roles'],
  ['$claims.`https://x/tenant`', 't1', 'claims.https://x/tenant'],
  ['$claims.absent.more', undefined, 'claims.absent.more'],
  ['$client.country', 'DE', 'client.country'],
  ['$client.asn', 3320, 'client.asn'],
  ['$consumer.name', 'app', 'consumer.name'],
  ['$request.host', 'api.example.com', 'request.host'],
  ['$route.name', 'users', 'route.name'],
  ['items.($ & $query.x)', ['a7', 'b7'], 'query.x'],
])('%s is %j, and is told as %s', async (text, value, attribute) => {
  expect(await resultOf(text, { items: ['a', 'b'] }, request)).toEqual(value)
  expect(compiled(text).attributes).toEqual([attribute])
})

test('a name is told once, however often it is read', () => {
  expect(compiled('$query.x & $query.x & $claims.a.b & $claims.a').attributes).toEqual([
    'query.x',
    'claims.a.b',
    'claims.a',
  ])
})

test('the claims of an anonymous caller are nothing', async () => {
  expect(await resultOf('$claims.sub')).toBeUndefined()
})

test('an expression cannot change the claims of the request', async () => {
  const exchange = makeExchange(request)
  const at = { exchange, now: START }
  const { kind } = await compiled(
    '1 ~> function($x) { {} } ~> |$claims.realm|{"roles": ["admin"]}|',
  ).evaluate({}, at)
  expect(kind).toBe('value')
  expect(exchange.identity?.claims.realm).toEqual({ roles: ['a', 'b'] })
})

test.each([
  '$claims',
  '$query',
  '$query["x"]',
  '$query.*',
  '$lookup($query, "x")',
  '($query).x',
  '$client.color',
  '$request.body',
  '$header.`a b`',
  '$params.`a-b`',
  '$nobody',
  '$nobody.x',
  'function($query) { $query.x }',
  '($claims := 1; $claims.sub)',
  'items@$client.id',
  'items#$route.id',
  '$random()',
  '$shuffle(a)',
  '$match(a, "a+")',
  '$match(a, b)',
  '$replace(a, /a/, "b") ?: "c"',
  '$x\0',
])('%j is refused', (text) => {
  expect(compileExpression(text)).toMatchObject({ kind: 'invalid', reason: expect.any(String) })
})

test.each([
  ['', 0],
  ['a +', 3],
  ['foo(', 4],
  ['(1, 2', 2],
  ['{"a" 1}', 5],
  ['"open', 5],
  ['1 2', 2],
  ['a.1', 3],
  ['1 & /+/', 0],
  ['/* open', 0],
  ['$pad("a", 2)', 0],
  ['1 + $nobody', 4],
  ['$contains(a, /a+b/)', 13],
  ['('.repeat(20_000), 0],
  ['1'.repeat(70_000), 65_536],
])('%#: what does not parse tells the place', (text, at) => {
  expect(compileExpression(text)).toMatchObject({ kind: 'invalid', at })
})

test('the clock is that of the occasion', async () => {
  expect(await resultOf('[$now(), $millis(), $fromMillis($millis(), "[Y]")]')).toEqual([
    '2026-01-02T03:04:05.000Z',
    START,
    '2026',
  ])
})

test('what a time leaves out is of the day of the occasion', async () => {
  expect(await resultOf('$toMillis("10:00", "[H01]:[m01]")')).toBe(Date.UTC(2026, 0, 2, 10))
})

test('evaluations beside each other keep their own clock, variables and names', async () => {
  const both = compiled(
    '($x := $query.x; $y := [1..3].($ & $x & n); {"n": n, "x": $x, "y": $y, "at": $millis(), "m": $match("abab", /b/).index})',
  )
  const run = (n: number) =>
    both.evaluate({ n }, { exchange: makeExchange({ url: `https://a.example/?x=q${n}` }), now: n })
  const all = await Promise.all(Array.from({ length: 50 }, (_, n) => run(n)))
  for (const [n, evaluated] of all.entries()) {
    expect(evaluated).toEqual({
      kind: 'value',
      value: { n, x: `q${n}`, y: [`1q${n}`, `2q${n}`, `3q${n}`], at: n, m: [1, 3] },
    })
  }
})

test('one that passes a limit leaves the one beside it alone', async () => {
  const expression = compiled('$count([1..n].($map([1..$$.n], function($i) { $i })))')
  const at = { exchange: makeExchange(), now: START }
  const outcomes = await Promise.all([5, 5000, 5].map((n) => expression.evaluate({ n }, at)))
  expect(outcomes).toEqual([
    { kind: 'value', value: 25 },
    { kind: 'limited', limit: 'steps' },
    { kind: 'value', value: 25 },
  ])
})

test.each([
  ['a list has no hidden keys', 'a.b', { a: [{ b: 1 }, { b: 2 }] }, [1, 2]],
  ['a range is a list', '[1..3]', {}, [1, 2, 3]],
  ['a function is nothing', '$sum', {}, undefined],
  ['a function as member is left out', '{ "f": $sum, "n": 1 }', {}, { n: 1 }],
  ['a function in a list is null', '[$sum, function($x) { $x }, 1]', {}, [null, null, 1]],
  ['what is absent is left out', '{ "a": a, "b": [a, 1] }', {}, { b: [1] }],
  ['null stays', '{ "a": a }', { a: null }, { a: null }],
  ['a match has no function within', '$match("ab", /b/)', {}, { match: 'b', index: 1, groups: [] }],
])('%s', async (_what, text, input, value) => {
  const given = await resultOf(text, input)
  expect(given).toStrictEqual(value)
  if (Array.isArray(given)) expect(Object.keys(given)).toEqual([...given.keys()].map(String))
})

test('what is no number of JSON fails', async () => {
  expect(await evaluate('{ "n": 1 / 0 }')).toEqual({ kind: 'failed', reason: 'D3001' })
})

test('names of the prototype are data', async () => {
  const body = JSON.parse(
    '{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}},"list":[{"k":"__proto__","v":1},{"k":"constructor","v":2}]}',
  ) as unknown
  const made = await resultOf(
    '{ "all": $, "own": list{k: v}, "merged": $merge([$, {"a": 1}]), "up": $ ~> |$|{"z": 1}| }',
    body,
  )
  const { own, merged } = made as Record<string, Record<string, unknown>>
  expect(JSON.stringify(own)).toBe('{"__proto__":1,"constructor":2}')
  expect(Object.keys(merged ?? {})).toContain('__proto__')
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
  expect(({} as Record<string, unknown>).admin).toBeUndefined()
  expect(await resultOf('`__proto__`.admin', {})).toBeUndefined()
  expect(await resultOf('constructor.name & a.constructor', { a: {} })).toBe('')
})

test('lone surrogates pass', async () => {
  expect(await resultOf('{ "a": a & "!", "n": $length(a) }', { a: '\ud800' })).toEqual({
    a: '\ud800!',
    n: 1,
  })
})

test.each(['tupleStream', 'outerWrapper', '_jsonata_lambda', '_jsonata_function'])(
  'a body that names %s, which the library keeps for itself, changes no variable',
  async (name) => {
    const body = { [name]: true, claims: { sub: 'admin' }, '@': { sub: 'admin' }, 0: 'zero' }
    expect(await resultOf('{ "sub": $claims.sub, "a": a }', body, request)).toEqual({ sub: 'u7' })
    for (const text of [
      '${ "sub": $claims.sub }',
      '$.{ "sub": $claims.sub }',
      'b{ "sub": $claims.sub }',
      '$[$claims.sub = "admin"]',
      '{ k: 1 }',
    ]) {
      const evaluated = await evaluate(text, { ...body, b: body, k: name }, request)
      if (evaluated.kind === 'value')
        expect(JSON.stringify(evaluated.value ?? null)).not.toMatch(/admin|zero/)
      else expect(evaluated).toEqual({ kind: 'failed', reason: 'D1013' })
    }
  },
)

test.each([
  [
    'in the last call of a function',
    '($f := function($x) { $map($x, $string) }; $f([1, 2]))',
    ['1', '2'],
  ],
  [
    'as replacement',
    '($f := function($x) { $replace($x, /b/, function($m) { "[" & $m.match & "]" }) }; $f("abc"))',
    'a[b]c',
  ],
  [
    'as comparator',
    '($f := function($x) { $sort($x, function($l, $r) { $l < $r }) }; $f([1, 3, 2]))',
    [3, 2, 1],
  ],
  [
    'as matcher',
    '($m := function($s) { { "match": "b", "start": 1, "end": 2, "groups": [], "next": function() { missing } } }; $split("abc", $m))',
    ['a', 'c'],
  ],
])('a function is handed on %s', async (_what, text, value) => {
  expect(await resultOf(text)).toEqual(value)
})

test('an order may be as wrong as it likes', async () => {
  const sorted = await resultOf('$sort([1..100], function($l, $r) { true })')
  expect((sorted as number[]).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, n) => n + 1),
  )
})

test('what fails tells the code of the library', async () => {
  expect(await evaluate('a + 1', { a: 'x' })).toEqual({ kind: 'failed', reason: 'T2001' })
  expect(await evaluate('$error("why")')).toEqual({ kind: 'failed', reason: 'D3137' })
  expect(await evaluate('$base64encode("€")')).toEqual({ kind: 'failed', reason: 'D3137' })
  expect(await evaluate('$fromMillis(1e20, "[MN]")')).toEqual({ kind: 'failed', reason: 'runtime' })
})

test('what is past a limit is refused as such, and what fails as that', () => {
  expect(refusalOf({ kind: 'limited', limit: 'steps' })).toMatchObject({
    code: 'TRANSFORM_LIMIT',
    reason: 'expression-steps',
  })
  expect(refusalOf({ kind: 'failed', reason: 'T2001' })).toMatchObject({
    code: 'TRANSFORM_FAILED',
    reason: 'expression-t2001',
  })
})
