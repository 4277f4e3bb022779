/** `status-map`: other statuses for answers of the service. */
import * as z from 'zod/mini'
import { described, integer, map } from '../../schema/atoms.ts'
import { withRule } from '../../schema/rule.ts'
import { isWrittenObject } from '../../schema/written.ts'
import { latePolicySchema } from '../schema.ts'

const STATUS_KEY = 'a status from 200 to 599 but 304, or a class such as "5xx"'
const statusKey = z
  .string()
  .check(z.regex(/^(?!304$)(?:[2-5][0-9]{2}|[2-5]xx)$/, { error: STATUS_KEY }))

export const statusMapSchema = withRule(
  latePolicySchema('status-map', {
    map: described(
      'Status, or class such as `5xx`, → the status in its place. A status beats its class.',
      map(integer(200, 599), statusKey),
    ),
    problems: described(
      'Whether problems of the gateway about the service (`UPSTREAM_TIMEOUT`, `BREAKER_OPEN`, …) get their status by the map too. Unless true they keep their own.',
      z.optional(z.boolean()),
    ),
  }),
  (written, note) => {
    if (!isWrittenObject(written.map)) return
    const entries = Object.entries(written.map)
    if (entries.length === 0) note(['map'], 'expected at least one status')
    for (const [from, to] of entries) {
      if (to === 304) {
        note(['map', from], 'found 304, expected another status: only conditions lead to that one')
      }
      if (written.problems === true && isFailure(from) && typeof to === 'number' && to < 400) {
        note(
          ['map', from],
          `found ${to}, expected a status from 400 to 599 beside \`problems: true\`: a problem is no success`,
        )
      }
    }
  },
)
export type StatusMapOptions = z.infer<typeof statusMapSchema>

function isFailure(key: string): boolean {
  return key.startsWith('4') || key.startsWith('5')
}
