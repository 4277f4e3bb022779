/**
 * Slots for what waits for headers: Cloudflare lets six subrequests of a request do so at once (developers.cloudflare.com/workers/platform/limits), and
 * one of the six is left to Durable Objects and stores.
 */
import type { Exchange } from '../../../pipeline/exchange.ts'
import { MOST_FETCHES } from '../../../platform/connections.ts'
import type { Ports } from '../../../platform/ports.ts'
import { popShot, pushShot, type Shot } from './schedule.ts'

/** Gives a slot back, when the headers are there. More than once is once. */
export type Release = () => void

/** The slots of one aggregate, as one of its calls sees them. */
export interface Slots {
  /**
   * A slot, or the wait for one: the highest rank first, then the order of the table, then that of asking. Time limits
   * are armed when it is there. Once the aggregate is called off it comes at once: look before sending.
   */
  take(rank: number): Release | Promise<Release>
}

export interface SlotPool {
  /** As the call of this place in the table sees them. */
  of(index: number): Slots
  /** Lets all go that wait, and all that come: the aggregate is called off. */
  close(): void
}

interface Waiting extends Shot {
  readonly resolve: (release: Release) => void
  /** It was called off in its place, and takes no slot. */
  isGone: boolean
}

/** What is free, and who waits for it. */
interface Lanes {
  free: number
  turn: number
  readonly waiting: Waiting[]
}

// Aggregates of one batch are one request to the runtime. They live as long as the ports that they share.
const shared = new WeakMap<Ports, Lanes>()

/** The slots of an aggregate; those within one batch have theirs together, or their time would run while they wait. */
export function slotsFor({ within, ports }: Pick<Exchange, 'within' | 'ports'>): SlotPool {
  if (within === null) return makeSlots()
  const lanes = shared.get(ports) ?? makeLanes(MOST_FETCHES)
  shared.set(ports, lanes)
  return openPool(lanes)
}

export function makeSlots(count: number = MOST_FETCHES): SlotPool {
  return openPool(makeLanes(count))
}

function makeLanes(free: number): Lanes {
  return { free, turn: 0, waiting: [] }
}

function openPool(lanes: Lanes): SlotPool {
  const { waiting } = lanes
  const own = new Set<Waiting>()
  let isClosed = false

  function makeRelease(): Release {
    let isHeld = true
    return function release() {
      if (!isHeld) return
      isHeld = false
      let next = popShot(waiting)
      while (next?.isGone === true) next = popShot(waiting)
      if (next === null) lanes.free += 1
      else next.resolve(makeRelease())
    }
  }

  function take(rank: number, index: number): Release | Promise<Release> {
    if (isClosed) return letGo
    if (lanes.free > 0) {
      lanes.free -= 1
      return makeRelease()
    }
    return new Promise((resolve) => {
      const shot: Waiting = {
        rank,
        index,
        turn: lanes.turn++,
        isGone: false,
        resolve(release) {
          own.delete(shot)
          resolve(release)
        },
      }
      own.add(shot)
      pushShot(waiting, shot)
    })
  }

  return {
    of: (index) => ({ take: (rank) => take(rank, index) }),
    close() {
      isClosed = true
      for (const shot of [...own]) {
        shot.isGone = true
        shot.resolve(letGo)
      }
    },
  }
}

function letGo(): void {}
