/** `breaker` of an upstream (ROUTES.md §4): when it is left alone, and how calls come back. */
import * as z from 'zod/mini'
import { described, integer, milliseconds, object } from '../../schema/atoms.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'
import { isWrittenObject } from '../../schema/written.ts'
import { failureWords } from '../classify.ts'

const percent = integer(1, 100)
const upToAnHour = integer(1, 3_600)

const failure = z.union([z.enum(failureWords), integer(100, 599)], {
  error: `a status, or one of ${failureWords.map((word) => `"${word}"`).join(', ')}`,
})

const shape = {
  windowSeconds: described(
    'How far back the shares of failed and slow calls look. 10 unless given.',
    z.optional(integer(1, 600)),
  ),
  minimumRequests: described(
    'Below so many calls in the window no share says anything. 20 unless given.',
    z.optional(integer(1, 1_000_000)),
  ),
  failurePercent: described(
    'Opens when so large a share of the calls in the window failed. 50 unless given.',
    z.optional(percent),
  ),
  consecutiveFailures: described(
    'Opens after so many failures with no success between them, however few calls there are. Not counted unless given.',
    z.optional(integer(1, 10_000)),
  ),
  slowCallMs: described(
    'A call that takes longer until its headers is slow. None is unless given.',
    z.optional(milliseconds),
  ),
  slowPercent: described(
    'Opens when so large a share of the calls in the window was slow. 80 unless given, with `slowCallMs`.',
    z.optional(percent),
  ),
  failOn: described(
    'What counts as a failure: statuses, and words as in `retry.on`. No answer, a timeout and 5xx unless given.',
    z.optional(z.array(failure).check(z.minLength(1), z.maxLength(50))),
  ),
  openSeconds: described(
    'How long it stays open; twice as long each time that it opens again, give or take a tenth. 30 unless given.',
    z.optional(upToAnHour),
  ),
  maxOpenSeconds: described(
    'The longest time that it stays open, also where the service asks for more with Retry-After. 300 unless given, or `openSeconds` where that is more.',
    z.optional(integer(1, 86_400)),
  ),
  halfOpenProbes: described(
    'So many calls are let through, over all isolates, when the time is over; all must succeed. 3 unless given.',
    z.optional(integer(1, 100)),
  ),
  rampSeconds: described(
    'After it closed, the share of calls that go through grows to all of them over this time. 0 unless given: all at once.',
    z.optional(integer(0, 3_600)),
  ),
  scope: described(
    'One breaker for the world, or one for each location.',
    z.optional(z.enum(['global', 'colo'])),
  ),
  mode: described(
    '`shadow` counts, tells and refuses nobody.',
    z.optional(z.enum(['enforce', 'shadow'])),
  ),
  storeTimeoutMs: described(
    'How long a call waits for a permit to probe. 1000 unless given.',
    z.optional(integer(1, 30_000)),
  ),
  onStoreFault: described(
    'When the state of the fleet cannot be asked: `allow` goes by what this isolate sees itself, `deny` answers 503 where the state is not known to be closed.',
    z.optional(z.enum(['allow', 'deny'])),
  ),
}

export const breakerSchema = withRule(object(shape), soundBreaker)
export type BreakerOptions = z.infer<typeof breakerSchema>

function soundBreaker(written: Written, note: Note): void {
  if (!isWrittenObject(written)) return
  const { slowPercent, slowCallMs, openSeconds = 30, maxOpenSeconds } = written
  if (slowPercent !== undefined && slowCallMs === undefined) {
    note(['slowPercent'], 'found "slowPercent" without "slowCallMs", expected both')
  }
  if (
    typeof openSeconds === 'number' &&
    typeof maxOpenSeconds === 'number' &&
    maxOpenSeconds < openSeconds
  ) {
    note(
      ['maxOpenSeconds'],
      `expected at least "openSeconds", which is ${openSeconds}, found ${maxOpenSeconds}`,
    )
  }
}
