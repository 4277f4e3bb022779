import { expect, test } from 'vitest'
import { environmentOf } from '../../../test/gateway.ts'
import { loadTable } from '../load.ts'

/** Pointers and codes of what is found in a table with these profiles on its one route. */
function found(profiles: object) {
  const policies = [{ use: 'profiles', profiles }]
  const route = { name: 'only', match: { path: '/*' }, policies, respond: { status: 200 } }
  const table = { version: 1, plans: { gold: {} }, routes: [route] }
  const loaded = loadTable(JSON.stringify(table), environmentOf({}))
  const notes = loaded.kind === 'loaded' ? loaded.warnings : loaded.problems
  return notes.map(({ pointer, code, severity }) => `${severity} ${code} ${pointer}`)
}

const at = '/routes/0/policies/0/profiles'

test('a plan in the `when` of a profile has to be one of `plans`', () => {
  expect(found({ partner: { when: { consumer: { plans: ['gold', 'glod'] } } } })).toEqual([
    `form PLAN_UNKNOWN ${at}/partner/when/consumer/plans/1`,
  ])
  expect(
    found({ partner: { when: [{ methods: ['GET'] }, { consumer: { plans: ['glod'] } }] } }),
  ).toEqual([`form PLAN_UNKNOWN ${at}/partner/when/1/consumer/plans/0`])
})

test('a pattern in the `when` of a profile is warned of where it is not anchored', () => {
  const tv = { when: [{ headers: { 'x-client': { regex: 'tv' } } }, { query: { a: '1' } }] }
  expect(found({ tv })).toEqual([
    `warning PATTERN_UNANCHORED ${at}/tv/when/0/headers/x-client/regex`,
  ])
  expect(found({ tv: { when: { headers: { 'x-client': { regex: '^tv$' } } } } })).toEqual([])
})
