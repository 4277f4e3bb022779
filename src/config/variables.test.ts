import { expect, test } from 'vitest'
import { VariableRef } from '../schema/variable-ref.ts'
import { parseTable } from './parse.ts'
import { resolveVariables } from './variables.ts'

function resolve(document: object, variables: Readonly<Record<string, string>>) {
  const parsed = parseTable({ version: 1, ...document })
  if (parsed.kind === 'invalid') throw new Error(parsed.problems[0]?.message)
  return resolveVariables(parsed, (name) => variables[name], parseTable)
}

const answer = { respond: { status: 200 } }

test('a table without variables is given back as it is', () => {
  const parsed = parseTable({ version: 1, routes: [] })
  if (parsed.kind === 'invalid') throw new Error('the table is sound')
  expect(resolveVariables(parsed, () => undefined, parseTable).table).toBe(parsed.table)
})

test('the values of variables take the places of their names', () => {
  const { table, missing } = resolve(
    {
      upstreams: { users: { targets: [{ var: 'URL' }, { url: { var: 'URL' }, weight: 2 }] } },
      routes: [{ name: 'a', match: { hosts: [{ var: 'HOST' }] }, upstream: 'users' }],
    },
    { URL: 'http://127.0.0.1:1', HOST: 'a.example.com' },
  )
  expect(table.upstreams).toEqual({
    users: { targets: ['http://127.0.0.1:1', { url: 'http://127.0.0.1:1', weight: 2 }] },
  })
  expect(table.routes[0]?.match).toEqual({ hosts: ['a.example.com'] })
  expect(missing).toEqual([])
})

test('the document itself stays as it was', () => {
  const document = { version: 1, routes: [{ name: 'a', match: { path: { var: 'P' } }, ...answer }] }
  const before = structuredClone(document)
  const parsed = parseTable(document)
  if (parsed.kind === 'invalid') throw new Error('the table is sound')
  resolveVariables(parsed, () => '/a', parseTable)
  expect(document).toEqual(before)
})

test('a missing variable is a problem of the environment', () => {
  const { problems, missing } = resolve(
    { routes: [{ name: 'a', match: { path: { var: 'P' } }, ...answer }] },
    {},
  )
  expect(problems).toMatchObject([{ code: 'VARIABLE_MISSING', severity: 'environment' }])
  expect(missing).toEqual([
    { pointer: '/routes/0/match/path', code: 'VARIABLE_MISSING', name: 'P' },
  ])
})

test('a value that does not fit its place is told without the value, and counts as missing', () => {
  const { problems, missing, table } = resolve(
    {
      upstreams: { users: { targets: [{ var: 'URL' }] } },
      routes: [{ name: 'a', match: { path: { var: 'P' } }, upstream: 'users' }],
    },
    { URL: 'canary', P: '/a' },
  )
  expect(problems).toMatchObject([
    { code: 'VARIABLE_INVALID', pointer: '/upstreams/users/targets/0', severity: 'environment' },
  ])
  expect(JSON.stringify(problems)).not.toContain('canary')
  expect(missing.map(({ name }) => name)).toEqual(['URL'])
  expect(table.routes[0]?.match).toEqual({ path: '/a' })
})

test('a route whose only host is not known is nowhere', () => {
  const { table } = resolve(
    { routes: [{ name: 'a', match: { hosts: [{ var: 'H' }], path: '/a' }, ...answer }] },
    {},
  )
  expect(table.routes[0]?.match).toEqual({ hosts: ['unresolved.invalid'], path: '/a' })
})

test('a condition that is not known counts as holding, so that no laxer route answers', () => {
  const match = { path: '/a', headers: { 'x-key': { var: 'KEY' } } }
  const { table } = resolve({ routes: [{ name: 'a', match, ...answer }] }, {})
  expect(table.routes[0]?.match).toEqual({ path: '/a' })
})

test('a policy with a missing variable is off and keeps its place', () => {
  const policies = [
    { use: 'request-id' },
    { use: 'cors', name: 'pages', origins: [{ var: 'ORIGIN' }] },
    { use: 'log' },
  ]
  const { table } = resolve(
    { routes: [{ name: 'a', match: { path: '/a' }, policies, ...answer }] },
    {},
  )
  expect(table.routes[0]?.policies).toEqual([
    { use: 'request-id' },
    { use: 'cors', mode: 'off', name: 'pages' },
    { use: 'log' },
  ])
})

test('no reference is left anywhere in a resolved table', () => {
  const { table } = resolve(
    {
      clientIp: { source: 'forwarded', trustedCidrs: ['10.0.0.0/8', { var: 'C' }] },
      defaults: { policies: [{ use: 'request-headers', set: { a: { var: 'A' } } }] },
      policySets: { s: [{ use: 'cors', origins: [{ var: 'O' }] }] },
      upstreams: { u: { targets: ['http://a.example.com', { var: 'T' }] } },
      routes: [
        { name: 'a', match: [{ path: { var: 'P' } }, { path: '/a' }], upstream: { var: 'U' } },
        { name: 'b', match: {}, redirect: { status: 302, path: { var: 'R' } } },
      ],
    },
    {},
  )
  const left: unknown[] = []
  JSON.stringify(table, (_key, value) => {
    if (value instanceof VariableRef) left.push(value)
    return value
  })
  expect(left).toEqual([])
  expect(table.clientIp?.trustedCidrs).toEqual(['10.0.0.0/8'])
})
