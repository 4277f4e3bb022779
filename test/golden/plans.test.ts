/**
 * Golden pairs: a table and the plan that is made of it, as `isogate routes` would tell it. `UPDATE_GOLDEN=1`
 * writes the second of each pair; read the difference before committing it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadTable } from '../../src/config/load.ts'
import { parseDocument } from '../../src/config/parse.ts'
import type { Plan } from '../../src/config/plan.ts'
import { printTable } from '../../src/config/print.ts'
import { environmentOf } from '../gateway.ts'

const folder = join(import.meta.dirname, 'plans')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.routes.json'))
  .map((file) => file.slice(0, -'.routes.json'.length))

const environment = environmentOf({
  secrets: { SHOP_KEY: 'k' },
  variables: { SHOP_URL: 'http://127.0.0.1:9101' },
  services: ['SHOP'],
})

/** All of a plan that is data: what runs is named, not shown. */
function describe(plan: Plan) {
  const {
    matcher: _,
    withoutRoute: __,
    usage: ___,
    limits: ____,
    versions: _____,
    fleet,
    wellKnown,
    routes,
    reserved,
    ...rest
  } = plan
  return {
    ...rest,
    fleet: [...fleet().keys()],
    wellKnown: [...wellKnown.keys()],
    reserved: [...reserved],
    routes: routes.map(({ run: _, preflight, ...route }) => ({
      ...route,
      preflight: preflight !== null,
    })),
  }
}

function planOf(text: string): Plan {
  const loaded = loadTable(text, environment, { comments: true, version: 'golden' })
  if (loaded.kind === 'loaded') return loaded.plan
  throw new Error(JSON.stringify(loaded.problems))
}

test.each(names)('the plan of %s is the one on record', (name) => {
  const plan = describe(planOf(readFileSync(join(folder, `${name}.routes.json`), 'utf8')))
  const record = join(folder, `${name}.plan.json`)
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(record, `${JSON.stringify(plan, null, 2)}\n`)
  }
  expect(plan).toEqual(JSON.parse(readFileSync(record, 'utf8')))
})

test.each(names)('%s printed and read again gives the same plan', (name) => {
  const text = readFileSync(join(folder, `${name}.routes.json`), 'utf8')
  const parsed = parseDocument(text, { comments: true })
  if (parsed.kind !== 'parsed') throw new Error('no table')
  expect(describe(planOf(printTable(parsed.table)))).toEqual(describe(planOf(text)))
})
