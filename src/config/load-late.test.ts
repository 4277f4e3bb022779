/** What an isolate loads, and when. */
import { expect, test } from 'vitest'
import { compileExpression } from '../expression/expression.ts'
import { holdLibrary, LibraryAbsent } from '../expression/library.ts'
import type { Environment } from '../platform/ports.ts'
import { bindLoad } from './load-late.ts'

const variables: Readonly<Record<string, string>> = { REGION: 'eu' }
const environment: Environment = {
  variable: (name) => variables[name],
  secret: () => undefined,
  service: () => 'absent',
}
const load = bindLoad(environment)

function textOf(route: object): string {
  return JSON.stringify({ version: 1, routes: [{ name: 'a', match: { path: '/a' }, ...route }] })
}

const shaped = (json: string) =>
  textOf({ respond: { status: 200 }, policies: [{ use: 'transform-response', json }] })

test('a trusted table with an expression loads where JSONata is not there yet', async () => {
  holdLibrary(null)
  expect(() => compileExpression('a')).toThrow(LibraryAbsent)
  const loaded = await load(shaped('{ "b": a }'), { trusted: true, version: 'v1' })
  expect(loaded).toMatchObject({ kind: 'loaded', plan: { version: 'v1' } })
  expect(compileExpression('a').kind).toBe('expression')
})

test('a trusted table is not judged', async () => {
  const text = textOf({ respond: { status: 200 }, upstrem: 'x' })
  expect(await load(text, { trusted: true, version: 'v1' })).toMatchObject({ kind: 'loaded' })
})

test('any other table is judged, its expressions too', async () => {
  const loaded = await load(shaped('{ "b": '), { trusted: false, version: 'v1' })
  expect(loaded).toMatchObject({
    kind: 'invalid',
    problems: [{ pointer: '/routes/0/policies/0/json', code: 'EXPRESSION_INVALID' }],
  })
})

test('a trusted table with variables is read anew, with the values of today', async () => {
  const text = textOf({ respond: { status: 200, body: { var: 'REGION' } } })
  const loaded = await load(text, { trusted: true, version: 'v1' })
  expect(loaded).toMatchObject({ table: { routes: [{ respond: { body: 'eu' } }] } })
})
