import { expect, test } from 'vitest'
import { setUpAdmin } from '../../test/doubles/admin.ts'
import type { AdminCall } from './call.ts'
import { bindLateAdmin } from './late.ts'

/** A call with a token that is wrong. */
function guess({ ports }: ReturnType<typeof setUpAdmin>): AdminCall {
  return {
    method: 'GET',
    target: { path: '/_gateway/routes', query: '', host: 'gateway.test' },
    client: { address: '192.0.2.1' },
    received: { authorization: 'Bearer wrong' },
    ports,
  } as unknown as AdminCall
}

test('requests that come while the surface is loaded are answered by one, which counts them all', async () => {
  const set = setUpAdmin()
  const admin = bindLateAdmin(set.adminParts)
  const answers = await Promise.all(Array.from({ length: 10 }, () => admin(guess(set))))
  expect(answers).toMatchObject(answers.map(() => ({ code: 'ADMIN_TOKEN_INVALID' })))
  expect(await admin(guess(set))).toMatchObject({ code: 'ADMIN_TOKEN_THROTTLED' })
})
