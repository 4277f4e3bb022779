/** `health`: targets are probed, once for the fleet (ROUTES.md §4). */
import * as z from 'zod/mini'
import { breaksField } from '../../http/field-values.ts'
import { regexText } from '../../match/schema.ts'
import { described, integer, milliseconds, object, secretRef, text } from '../../schema/atoms.ts'
import { headerMap } from '../../schema/header-names.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'

const fieldText = text(
  z.refine((value: string) => !breaksField(value), {
    error: 'expected a header value without line breaks and NUL',
  }) as z.core.$ZodCheck<string>,
)

const status = z.union(
  [
    integer(100, 599),
    z.string().check(
      z.regex(/^[1-5][0-9]{2}-[1-5][0-9]{2}$/, {
        error: 'a range of statuses such as "200-299"',
      }),
    ),
  ],
  { error: 'a status, or a range of statuses such as "200-299"' },
)

const bodySchema = withRule(
  object({
    contains: described('Text that the body has to contain.', z.optional(text(z.minLength(1)))),
    regex: described(
      'A regular expression that has to be found in the body, of which the first 64 KiB are read.',
      z.optional(regexText),
    ),
  }),
  ({ contains, regex }, note) => {
    if ((contains === undefined) !== (regex === undefined)) return
    const found = contains === undefined ? 'none' : 'both'
    note([], `expected exactly one of "contains" and "regex", found ${found}`)
  },
)

export const healthSchema = withRule(
  object({
    path: described(
      'Where a target tells how it is, behind its base path, with its query.',
      text(z.regex(/^\/[^\s#\\]*$/, { error: 'a path that starts with "/"' })),
    ),
    intervalSeconds: described(
      'How often, give or take a tenth. 10 unless given.',
      z.optional(integer(1, 3_600)),
    ),
    timeoutMs: described(
      'How long a probe may take. 2000 unless given, or the interval where that is less.',
      z.optional(milliseconds),
    ),
    unhealthyAfter: described(
      'So many probes in a row have to fail. 3 unless given.',
      z.optional(integer(1, 100)),
    ),
    healthyAfter: described(
      'So many probes in a row have to succeed for it to come back. 2 unless given.',
      z.optional(integer(1, 100)),
    ),
    expect: described(
      'The statuses of a target that is well, single or as ranges. 200-299 unless given.',
      z.optional(z.array(status).check(z.minLength(1), z.maxLength(50))),
    ),
    body: described('What the body has to have beside the status.', z.optional(bodySchema)),
    method: described(
      'The method of a probe. GET unless given.',
      z.optional(z.enum(['GET', 'HEAD', 'OPTIONS', 'POST'])),
    ),
    headers: described(
      'Header fields of a probe, over those of the upstream that read nothing from a request.',
      z.optional(
        headerMap(
          z.union([fieldText, secretRef]) as unknown as z.ZodMiniType<
            string | z.infer<typeof secretRef>
          >,
        ),
      ),
    ),
    scope: described(
      'One prober for the world, or one for each continent or location of clients. `global` unless given.',
      z.optional(z.enum(['global', 'continent', 'colo'])),
    ),
    trust: described(
      '`both` (default): a target that real calls find healthy is not removed by probes alone. `probes`: probes alone decide.',
      z.optional(z.enum(['both', 'probes'])),
    ),
  }),
  soundHealth,
)
export type HealthOptions = z.infer<typeof healthSchema>

function soundHealth(
  { body, method, expect, intervalSeconds = 10, timeoutMs }: Written,
  note: Note,
): void {
  if (body !== undefined && method === 'HEAD') {
    note(
      ['body'],
      'found "body" with method HEAD, whose answers have none; expected another method',
    )
  }
  if (typeof timeoutMs === 'number' && typeof intervalSeconds === 'number') {
    if (timeoutMs > 1000 * intervalSeconds) {
      note(
        ['timeoutMs'],
        `expected no more than the interval, which is ${1000 * intervalSeconds}, found ${timeoutMs}`,
      )
    }
  }
  for (const [index, one] of (Array.isArray(expect) ? expect : []).entries()) {
    if (typeof one !== 'string') continue
    const [from = '', to = ''] = one.split('-')
    if (from > to) note(['expect', index], `expected the lower status first, found "${one}"`)
  }
}
