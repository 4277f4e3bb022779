/** Passes an answer on with other members, as it is written by hand: what transforms are measured beside. */

interface Bindings {
  readonly ORIGIN: string
}

interface Large {
  readonly orders: readonly {
    readonly id: number
    readonly order_number: string
    readonly total_cents: number
  }[]
  readonly total: number
}

export default {
  async fetch(request, { ORIGIN }) {
    const answer = await fetch(`${ORIGIN}/large`, request)
    if (!answer.ok) return answer
    const { orders, total }: Large = await answer.json()
    const picked = orders.map(({ id, order_number, total_cents }) => ({
      id,
      orderNumber: order_number,
      totalCents: total_cents,
    }))
    const headers = new Headers(answer.headers)
    headers.delete('content-length')
    headers.delete('etag')
    return new Response(JSON.stringify({ orders: picked, total }), { status: 200, headers })
  },
} satisfies ExportedHandler<Bindings>
