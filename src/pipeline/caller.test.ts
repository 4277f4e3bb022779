import { expect, test } from 'vitest'
import { bindCaller } from './caller.ts'
import type { Identity } from './exchange.ts'

const known: Identity = {
  authority: 'key',
  subject: 'k1',
  claims: {},
  roles: ['reader'],
  scopes: [],
  permissions: [],
  consumer: { name: 'app', plan: 'standard', roles: ['reader'], metadata: {} },
}
const stranger: Identity = { ...known, roles: [], consumer: null }

test.each([
  [{ anonymous: true }, [true, false, false]],
  [{ anonymous: false }, [false, true, true]],
  [{ plans: ['standard', 'gold'] }, [false, false, true]],
  [{ plans: ['gold'] }, [false, false, false]],
  [{ roles: ['writer', 'reader'] }, [false, false, true]],
  [{ anonymous: false, roles: ['writer'] }, [false, false, false]],
  [{ plans: ['standard'], roles: ['reader'] }, [false, false, true]],
  [{ plans: ['standard'], roles: ['writer'] }, [false, false, false]],
])('%j is asked of an anonymous caller, one that is no consumer and one that is', (spec, holds) => {
  expect([null, stranger, known].map(bindCaller(spec))).toEqual(holds)
})
