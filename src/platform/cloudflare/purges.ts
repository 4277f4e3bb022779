/** Purges as one request has them: the isolate's watch, KV behind it, and the object that gives numbers. */
import type { Purges } from '../../cache/answer.ts'
import type { PurgeReply } from '../../cache/purge-book.ts'
import type { PurgeWatch, WatchPorts } from '../../cache/purge-watch.ts'
import type { PurgeObject } from './purge.object.ts'

/** The names of the bindings in wrangler.toml. */
export interface PurgeBindings {
  readonly PURGES: DurableObjectNamespace<PurgeObject>
}

/** There is one list per deployment, so there is one object. */
const objectName = 'purges'

// A write to KV, and one more for a purge that came while it was under way; across an ocean 0.3 s.
const CALL_TIMEOUT_MS = 10_000

export function bindPurges(
  { PURGES }: PurgeBindings,
  watch: PurgeWatch,
  ports: () => WatchPorts,
): Purges {
  return {
    current: (now) => watch.current(now, ports),
    refresh: () => watch.refresh(ports()),
    async add(purge) {
      const alarm = ports().timers.after(CALL_TIMEOUT_MS)
      try {
        const asked = PURGES.getByName(objectName).add(purge) as Promise<PurgeReply>
        const reply = await Promise.race([asked, alarm.done.then(() => null)])
        if (reply === null) throw new Error('the object of purges does not answer')
        watch.learn(purge, reply.generation)
        if (!reply.isPublished) throw new Error('KV did not take the purge yet')
        return reply.generation
      } finally {
        alarm.cancel()
      }
    },
  }
}
