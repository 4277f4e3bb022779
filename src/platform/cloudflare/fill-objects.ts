/** Calls to the objects in which fills meet. Made per request: a stub may not outlive one. */
import type { Fills } from '../../cache/answer.ts'
import type { FillReply } from '../../cache/fill-book.ts'
import { fillObjectOf, readLanded } from '../../cache/land.ts'
import type { Timers } from '../ports.ts'
import type { FillObject } from './fill.object.ts'

/** The names of the bindings in wrangler.toml. */
export interface FillBindings {
  readonly FILLS: DurableObjectNamespace<FillObject>
}

// Beyond what was to be waited for: an object across an ocean that has to wake takes 0.5 s.
const HOP_MS = 1_000

export function bindFillObjects({ FILLS }: FillBindings, timers: Timers): Fills {
  const open = (key: string) => FILLS.getByName(fillObjectOf(key))
  return {
    async begin(key, waitMs) {
      const alarm = timers.after(waitMs + HOP_MS)
      try {
        const late = alarm.done.then((): FillReply => ({ kind: 'alone' }))
        const asked = open(key).begin(key, waitMs) as Promise<FillReply>
        const reply = await Promise.race([asked, late])
        if (reply.kind !== 'follow') return reply
        const { head, bytes } = reply.answer
        return { kind: 'follow', answer: { head, body: bytes } }
      } catch {
        return { kind: 'alone' }
      } finally {
        alarm.cancel()
      }
    },

    async land(key, token, answer, handMs) {
      const landed = answer === null ? null : await readLanded(answer)
      try {
        await open(key).land(key, token, landed, handMs)
      } catch {
        // Those who wait are freed by their own time.
      }
    },

    async forget(key) {
      try {
        await open(key).forget(key)
      } catch {
        // It holds what came for a second.
      }
    },
  }
}
