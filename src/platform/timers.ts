/** Timers of the runtime: every host has the same two functions. */
import type { Timers } from './ports.ts'

export const runtimeTimers: Timers = {
  after(ms) {
    let cancel = () => {}
    const done = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      cancel = () => clearTimeout(timer)
    })
    return { done, cancel }
  },
}
