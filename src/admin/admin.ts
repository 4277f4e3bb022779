/** The surface under /_gateway: which path is whose, what is public, and what all answers carry (ROUTES.md §8). */
import { IttyRouter } from 'itty-router/IttyRouter'
import { refuse } from '../errors/refusal.ts'
import type { Answer } from '../pipeline/exchange.ts'
import { bindBreakers } from './breakers.ts'
import { bindBuckets } from './buckets.ts'
import type { AdminCall, AdminHandler, AdminParts } from './call.ts'
import { bindDescriptors } from './descriptors.ts'
import { bindGetRoutes } from './get-routes.ts'
import { bindGuard } from './guard.ts'
import { bindFullHealth, bindHealth } from './health.ts'
import { bindKeys } from './keys.ts'
import { byMethod } from './methods.ts'
import { problemList, problemPage } from './problems.ts'
import { bindPurge } from './purge.ts'
import { bindPutRoutes } from './put-routes.ts'
import { bindRollback } from './rollback.ts'
import { bindTargetHandlers } from './targets.ts'
import { bindUsage } from './usage.ts'
import { bindVersionList } from './versions.ts'

export function bindAdmin(parts: AdminParts): (call: AdminCall) => Promise<Answer> {
  const guard = bindGuard(parts.config)
  const router = IttyRouter({ base: '/_gateway' })
  const on = (path: string, handler: AdminHandler) =>
    router.all(path, ({ params }, call: AdminCall) => handler(call, params))

  on('/health', byMethod({ GET: guard.choose(bindFullHealth(parts), bindHealth(parts)) }))
  on('/usage', byMethod({ GET: bindUsage(parts, guard) }))
  on('/problems', byMethod({ GET: problemList }))
  on('/problems/:code', byMethod({ GET: problemPage }))
  // The guard stands outside: who may not see a path does not learn its methods either.
  on('/routes', guard.hide(byMethod({ GET: bindGetRoutes(parts), PUT: bindPutRoutes(parts) })))
  on('/routes/rollback', guard.hide(byMethod({ POST: bindRollback(parts) })))
  on('/purge', guard.hide(byMethod({ POST: bindPurge(parts) })))
  const breakers = bindBreakers(parts)
  on('/breakers', guard.hide(byMethod({ GET: breakers.list })))
  on('/breakers/:upstream', guard.hide(byMethod({ GET: breakers.read, POST: breakers.change })))
  const targets = bindTargetHandlers(parts)
  const onTargets = { GET: targets.read, POST: targets.register, DELETE: targets.deregister }
  on('/targets/:upstream', guard.hide(byMethod(onTargets)))
  const buckets = bindBuckets(parts)
  on('/buckets', guard.hide(byMethod({ GET: buckets.read, POST: buckets.change })))
  on('/versions', guard.hide(byMethod({ GET: bindVersionList(parts) })))
  const sets = bindDescriptors(parts)
  on('/descriptors', guard.hide(byMethod({ GET: sets.list })))
  const onSet = { GET: sets.read, PUT: sets.put, DELETE: sets.remove }
  on('/descriptors/:name', guard.hide(byMethod(onSet)))
  const keys = bindKeys(parts)
  on('/keys', guard.hide(byMethod({ GET: keys.list, POST: keys.create })))
  on('/keys/:id', guard.hide(byMethod({ GET: keys.read, DELETE: keys.revoke })))
  on('/keys/:id/rotate', guard.hide(byMethod({ POST: keys.rotate })))

  return async function admin(call) {
    // The path that was normalized and matched, not the URL as it came.
    const url = `http://gateway${call.target.path}`
    const found: Answer | undefined = await router.fetch({ method: call.method, url }, call)
    return complete(found ?? refuse('ADMIN_NOT_FOUND'), parts)
  }
}

/** Read after the work: the answer to a PUT carries the version that it brought. */
function complete(answer: Answer, { source }: AdminParts): Answer {
  const version = source.status().live?.version
  const fields = {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(version === undefined ? {} : { 'Isogate-Table': version }),
  }
  if (!(answer instanceof Response)) {
    return { ...answer, headers: { ...fields, ...answer.headers } }
  }
  for (const [name, value] of Object.entries(fields)) answer.headers.set(name, value)
  return answer
}
