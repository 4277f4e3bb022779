/** Orders: what was bought. `GET /orders?user=&status=`, `GET|PATCH /orders/:id`, `POST /orders`, `GET /orders/events` (SSE). */
import type { ServerResponse } from 'node:http'
import { page } from './page.ts'
import { type DemoAnswer, invalid, missing, serve } from './serve.ts'

const statuses = ['placed', 'paid', 'shipped', 'delivered', 'cancelled'] as const
type Status = (typeof statuses)[number]

interface Line {
  readonly productId: string
  readonly quantity: number
  readonly unitPriceCents: number
}

interface Order {
  readonly id: string
  readonly userId: string
  readonly status: Status
  readonly lines: readonly Line[]
  readonly totalCents: number
  readonly currency: 'EUR'
  readonly placedAt: string
}

function order(id: string, userId: string, status: Status, placedAt: string, lines: Line[]): Order {
  const totalCents = lines.reduce((sum, line) => sum + line.quantity * line.unitPriceCents, 0)
  return { id, userId, status, lines, totalCents, currency: 'EUR', placedAt }
}

const line = (productId: string, quantity: number, unitPriceCents: number): Line => ({
  productId,
  quantity,
  unitPriceCents,
})

const orders = new Map<string, Order>(
  [
    order('o_5009', 'u_1011', 'placed', '2026-11-20T18:12:00Z', [line('p_107', 1, 4900)]),
    order('o_5008', 'u_1001', 'paid', '2026-11-18T07:45:30Z', [line('p_101', 1, 8990)]),
    order('o_5007', 'u_1005', 'shipped', '2026-11-15T03:20:11Z', [
      line('p_104', 2, 1250),
      line('p_110', 1, 3400),
    ]),
    order('o_5006', 'u_1003', 'shipped', '2026-11-14T21:02:48Z', [line('p_108', 1, 15900)]),
    order('o_5005', 'u_1001', 'delivered', '2026-10-30T10:11:12Z', [
      line('p_102', 1, 2490),
      line('p_106', 3, 690),
    ]),
    order('o_5004', 'u_1008', 'delivered', '2026-10-22T16:40:00Z', [line('p_105', 1, 7490)]),
    order('o_5003', 'u_1002', 'cancelled', '2026-10-19T09:08:07Z', [line('p_109', 1, 21900)]),
    order('o_5002', 'u_1001', 'delivered', '2026-09-05T13:37:00Z', [line('p_103', 2, 1890)]),
    order('o_5001', 'u_1007', 'delivered', '2026-08-28T20:15:33Z', [line('p_104', 4, 1250)]),
  ].map((entry) => [entry.id, entry]),
)
let nextNumber = 5010

const listeners = new Set<ServerResponse>()

function announce(event: string, about: Order): void {
  const data = JSON.stringify({ id: about.id, status: about.status, totalCents: about.totalCents })
  for (const listener of listeners) listener.write(`event: ${event}\ndata: ${data}\n\n`)
}

function isLine(value: unknown): value is Line {
  const { productId, quantity, unitPriceCents } = (value ?? {}) as Partial<Line>
  return (
    typeof productId === 'string' &&
    Number.isInteger(quantity) &&
    quantity! > 0 &&
    Number.isInteger(unitPriceCents) &&
    unitPriceCents! >= 0
  )
}

function create(body: unknown): DemoAnswer {
  const { userId, lines } = (body ?? {}) as { userId?: unknown; lines?: unknown }
  if (typeof userId !== 'string') return invalid('userId: a text is needed')
  if (!Array.isArray(lines) || lines.length === 0 || !lines.every(isLine)) {
    return invalid('lines: productId, quantity and unitPriceCents are needed, at least once')
  }
  const created = order(`o_${nextNumber++}`, userId, 'placed', new Date().toISOString(), lines)
  orders.set(created.id, created)
  announce('placed', created)
  return { status: 201, headers: { Location: `/orders/${created.id}` }, json: created }
}

function change(id: string, body: unknown): DemoAnswer {
  const known = orders.get(id)
  if (!known) return missing(`order ${id}`)
  const status = (body as { status?: Status } | null)?.status
  if (!status || !statuses.includes(status)) return invalid(`status: one of ${statuses.join(', ')}`)
  const changed = { ...known, status }
  orders.set(id, changed)
  announce('changed', changed)
  return { json: changed }
}

/** A stream of what happens to orders, with a heartbeat each second so that something is to be seen. */
function streamEvents(response: ServerResponse): 'streaming' {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  response.write('retry: 2000\n\n')
  listeners.add(response)
  let count = 0
  const beat = setInterval(() => {
    response.write(`id: ${++count}\nevent: heartbeat\ndata: {"orders":${orders.size}}\n\n`)
  }, 1000)
  response.on('close', () => {
    clearInterval(beat)
    listeners.delete(response)
  })
  return 'streaming'
}

serve(
  'orders',
  {
    'GET /orders/events': ({ response }) => streamEvents(response),
    'GET /orders': ({ query }) => {
      const [userId, status] = [query.get('user'), query.get('status')]
      const found = [...orders.values()].filter(
        (entry) =>
          (userId === null || entry.userId === userId) &&
          (status === null || entry.status === status),
      )
      return page(found, query)
    },
    'GET /orders/:id': ({ params }) => {
      const found = orders.get(params.id!)
      return found ? { json: found } : missing(`order ${params.id}`)
    },
    'POST /orders': ({ body }) => create(body),
    'PATCH /orders/:id': ({ params, body }) => change(params.id!, body),
  },
  [8, 30],
)
