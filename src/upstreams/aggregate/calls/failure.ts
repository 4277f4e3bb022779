/** Failures of calls: what a refusal, or a bad answer of a service, is to the part that is made of it. */
import { catalogue } from '../../../errors/catalogue.ts'
import type { Refusal } from '../../../errors/refusal.ts'
import type { Fields } from '../../../http/headers.ts'
import type { Failed } from '../part.ts'

type Code = Failed['code']

interface More {
  readonly status?: number
  readonly detail?: string
  readonly reason?: string
  readonly retryAfter?: string | null
  readonly headers?: Fields
}

/** The default is put in by the call whose part it is. */
export function failed(code: Code, more: More = {}): Failed {
  const { status, title } = catalogue[code]
  return {
    kind: 'failed',
    status: more.status ?? status,
    code,
    title,
    ...(more.detail === undefined ? {} : { detail: more.detail }),
    ...(more.reason === undefined ? {} : { reason: more.reason }),
    retryAfter: more.retryAfter ?? null,
    headers: more.headers ?? null,
    value: null,
    default: null,
  }
}

/** The gateway's own no: the service was not asked, or did not answer. */
export function failedBy({ code, status, detail, reason, headers = {} }: Refusal): Failed {
  const name = Object.keys(headers).find((field) => field.toLowerCase() === 'retry-after')
  return failed(code, {
    ...(status === undefined ? {} : { status }),
    ...(detail === undefined ? {} : { detail }),
    ...(reason === undefined ? {} : { reason }),
    retryAfter: name === undefined ? null : (headers[name] ?? null),
  })
}

/** The service answered with 400 or more. */
export function failedAnswer(status: number, headers: Fields): Failed {
  const code = status === 404 ? 'CALL_NOT_FOUND' : status === 429 ? 'CALL_LIMITED' : 'CALL_FAILED'
  return failed(code, { status, headers, retryAfter: headers['retry-after'] ?? null })
}
