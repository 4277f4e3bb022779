/**
 * Slots for what waits for headers: Cloudflare lets six subrequests of a request do so at once (developers.cloudflare.com/workers/platform/limits), and
 * one of the six is left to Durable Objects and stores.
 */
import { popShot, pushShot, type Shot } from './schedule.ts'

/** Gives a slot back, when the headers are there. More than once is once. */
export type Release = () => void

/** The slots of one aggregate, as one of its calls sees them. */
export interface Slots {
  /**
   * Waits for a slot: the highest rank first, then the order of the table, then that of asking. Time limits are armed
   * when it is there. Once the aggregate is called off it comes at once, with a signal that is aborted: look at it
   * before sending.
   */
  take(rank: number): Promise<Release>
}

export interface SlotPool {
  /** As the call of this place in the table sees them. */
  of(index: number): Slots
  /** Lets all go that wait, and all that come: the aggregate is called off. */
  close(): void
}

export const SLOTS = 5

interface Waiting extends Shot {
  readonly resolve: (release: Release) => void
}

export function makeSlots(count: number = SLOTS): SlotPool {
  const waiting: Waiting[] = []
  let free = count
  let turn = 0
  let isClosed = false

  function makeRelease(): Release {
    let isHeld = true
    return function release() {
      if (!isHeld) return
      isHeld = false
      const next = popShot(waiting)
      if (next === null) free += 1
      else next.resolve(makeRelease())
    }
  }

  function take(rank: number, index: number): Promise<Release> {
    if (isClosed) return Promise.resolve(letGo)
    if (free > 0) {
      free -= 1
      return Promise.resolve(makeRelease())
    }
    return new Promise((resolve) => {
      pushShot(waiting, { rank, index, turn: turn++, resolve })
    })
  }

  return {
    of: (index) => ({ take: (rank) => take(rank, index) }),
    close() {
      isClosed = true
      for (const { resolve } of waiting.splice(0)) resolve(letGo)
    },
  }
}

function letGo(): void {}
