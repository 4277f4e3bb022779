/**
 * Places for what waits for headers: Cloudflare lets six subrequests of a request do so (PLATFORM.md §1.1), and one
 * of the six is left to Durable Objects and stores.
 */

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
