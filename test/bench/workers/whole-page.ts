/**
 * One answer from three calls with what an aggregate does beside: time limits, the fields of the client and of the way
 * that go on, defaults and what failed, an entity tag. As short as that can be written.
 */

interface Bindings {
  readonly ORIGIN: string
}

interface Part {
  readonly text: string
  readonly status: number
}

const WHOLE_MS = 30_000
const CALL_MS = 10_000

const hex = (bytes: number) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (one) =>
    one.toString(16).padStart(2, '0'),
  ).join('')

/** The fields that every call gets. */
function fieldsFor({ headers }: Request): Record<string, string> {
  const host = headers.get('host') ?? ''
  return {
    accept: 'application/json',
    'accept-language': headers.get('accept-language') ?? '*',
    traceparent: headers.get('traceparent') ?? `00-${hex(16)}-${hex(8)}-01`,
    forwarded: `for=127.0.0.1;host="${host}";proto=http`,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': host,
    'x-real-ip': '127.0.0.1',
    via: '1.1 by-hand',
  }
}

async function read(url: string, headers: Record<string, string>, whole: AbortSignal) {
  const signal = AbortSignal.any([whole, AbortSignal.timeout(CALL_MS)])
  const answer = await fetch(url, { headers, signal, redirect: 'manual' })
  const text = await answer.text()
  if (answer.ok) JSON.parse(text)
  return { text, status: answer.status }
}

const failed = (): Part => ({ text: 'null', status: 502 })
const isFailed = ({ status }: Part) => status >= 400

export default {
  async fetch(request, { ORIGIN }) {
    const id = encodeURIComponent(request.url.split('?', 1)[0]?.split('/').at(-1) ?? '')
    const whole = AbortSignal.timeout(WHOLE_MS)
    const fields = fieldsFor(request)
    const ask = (path: string) => read(`${ORIGIN}${path}`, fields, whole).catch(failed)
    const [user, orders, cart] = await Promise.all([
      ask(`/users/${id}`),
      ask(`/orders?user=${id}`),
      ask(`/carts/${id}`),
    ])
    if (isFailed(user)) return Response.json({ title: 'A service failed.' }, { status: 502 })
    const errors = Object.entries({ orders, cart }).flatMap(([call, part]) =>
      isFailed(part) ? [{ call, status: part.status }] : [],
    )
    const parts = `{"user":${user.text},"orders":${isFailed(orders) ? '[]' : orders.text},"cart":${isFailed(cart) ? 'null' : cart.text}`
    const isComplete = errors.length === 0
    const bytes = new TextEncoder().encode(
      isComplete ? `${parts}}` : `${parts},"errors":${JSON.stringify(errors)}}`,
    )
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    const tag = `"${btoa(String.fromCharCode(...hash.subarray(0, 16)))}"`
    if (request.headers.get('if-none-match') === tag) return new Response(null, { status: 304 })
    return new Response(bytes, {
      headers: {
        'content-type': 'application/json',
        'content-length': String(bytes.byteLength),
        'cache-control': 'no-store',
        'isogate-complete': String(isComplete),
        ...(isComplete ? { etag: tag } : {}),
      },
    })
  },
} satisfies ExportedHandler<Bindings>
