import { expect, test } from 'vitest'
import { parseTable } from './parse.ts'

function problemsOf(document: unknown) {
  const parsed = parseTable(document)
  return parsed.kind === 'invalid' ? parsed.problems : []
}

const withRoute = (route: object) => ({ version: 1, routes: [route] })
const route = { name: 'a', match: { path: '/a' }, respond: { status: 200 } }

test('a bad value is told with what was found and what was expected', () => {
  expect(problemsOf(withRoute({ ...route, timeoutMs: '60s' }))).toEqual([
    {
      pointer: '/routes/0/timeoutMs',
      code: 'VALUE_INVALID',
      message: 'expected an integer from 1 to 86400000, found "60s"',
      found: '"60s"',
      expected: 'an integer from 1 to 86400000',
      severity: 'form',
    },
  ])
})

test('an unknown key is told beside a bad value of the same object', () => {
  const problems = problemsOf(withRoute({ ...route, timeoutMs: 0, upsteam: 'users' }))
  expect(problems.map(({ code, pointer }) => [code, pointer])).toEqual([
    ['VALUE_INVALID', '/routes/0/timeoutMs'],
    ['KEY_UNKNOWN', '/routes/0/upsteam'],
  ])
  expect(problems[1]?.message).toContain('"upstream"')
})

test('description and keys that start with x- pass on every object', () => {
  const match = { path: '/a', description: 1, 'x-note': {} }
  expect(problemsOf(withRoute({ ...route, match, 'x-owner': 'a', description: [] }))).toEqual([])
})

test('of a union the branch of the same type is told, not all of them', () => {
  const problems = problemsOf(
    withRoute({ ...route, respond: undefined, upstream: { targets: [] } }),
  )
  expect(problems.map(({ pointer }) => pointer)).toEqual(['/routes/0/upstream/targets'])
})

test('of several objects the one that shares most keys is told', () => {
  const match = { headers: { a: { prefix: 5 } } }
  expect(problemsOf(withRoute({ ...route, match })).map(({ pointer }) => pointer)).toEqual([
    '/routes/0/match/headers/a/prefix',
  ])
})

test('where no branch has the type of the value all types are told', () => {
  const [problem] = problemsOf(withRoute({ ...route, respond: undefined, upstream: 5 }))
  expect(problem).toMatchObject({ expected: 'text, an object or a list', found: '5' })
})

test('a misspelled variable reference is judged as one', () => {
  const match = { hosts: [{ var: 'not a name' }] }
  expect(problemsOf(withRoute({ ...route, match })).map(({ pointer }) => pointer)).toEqual([
    '/routes/0/match/hosts/0/var',
  ])
})

test('an unknown policy is told by its nearest name', () => {
  const [problem] = problemsOf(withRoute({ ...route, policies: [{ use: 'cros' }] }))
  expect(problem).toMatchObject({ code: 'POLICY_UNKNOWN', pointer: '/routes/0/policies/0/use' })
  expect(problem?.message).toContain('"cors"')
})

test('a name that no header can have is told at the key', () => {
  const [problem] = problemsOf(withRoute({ ...route, match: { headers: { 'a b': '1' } } }))
  expect(problem).toMatchObject({
    code: 'KEY_INVALID',
    pointer: '/routes/0/match/headers/a b',
    found: '"a b"',
  })
})

test.each([[null], [[]], ['text'], [5], [true]])('the document %j is one problem', (document) => {
  expect(problemsOf(document)).toMatchObject([{ pointer: '', code: 'VALUE_INVALID' }])
})
