/** One answer from three calls, as it is written by hand: what an aggregate is measured beside. */

interface Bindings {
  readonly ORIGIN: string
}

async function read(url: string): Promise<unknown> {
  const answer = await fetch(url, { headers: { accept: 'application/json' } })
  if (!answer.ok) throw new Error(`status ${answer.status}`)
  return answer.json()
}

export default {
  async fetch(request, { ORIGIN }) {
    const id = request.url.split('?', 1)[0]?.split('/').at(-1) ?? ''
    try {
      const [user, orders, cart] = await Promise.all([
        read(`${ORIGIN}/users/${encodeURIComponent(id)}`),
        read(`${ORIGIN}/orders?user=${encodeURIComponent(id)}`).catch(() => []),
        read(`${ORIGIN}/carts/${encodeURIComponent(id)}`).catch(() => null),
      ])
      return Response.json({ user, orders, cart })
    } catch {
      return Response.json({ title: 'A service failed.' }, { status: 502 })
    }
  },
} satisfies ExportedHandler<Bindings>
