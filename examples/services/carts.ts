/** Carts: one per user. `GET /carts/:userId`, `POST /carts/:userId/items`, `DELETE /carts/:userId/items/:productId`. */
import { type DemoAnswer, invalid, missing, serve } from './serve.ts'

interface Item {
  readonly productId: string
  readonly quantity: number
}

interface Cart {
  readonly items: readonly Item[]
  readonly updatedAt: string
}

const carts = new Map<string, Cart>([
  [
    'u_1001',
    {
      items: [
        { productId: 'p_104', quantity: 2 },
        { productId: 'p_107', quantity: 1 },
      ],
      updatedAt: '2026-11-21T19:02:11Z',
    },
  ],
  ['u_1003', { items: [{ productId: 'p_109', quantity: 1 }], updatedAt: '2026-11-19T06:31:54Z' }],
  [
    'u_1005',
    {
      items: [
        { productId: 'p_106', quantity: 3 },
        // Sold out long ago: the catalog has it no more.
        { productId: 'p_099', quantity: 1 },
      ],
      updatedAt: '2026-11-20T23:48:02Z',
    },
  ],
  ['u_1008', { items: [], updatedAt: '2026-11-02T15:20:00Z' }],
])

const shown = (userId: string, cart: Cart): DemoAnswer => ({ json: { userId, ...cart } })

/** Anyone who has no cart yet has an empty one. */
function cartOf(userId: string): Cart {
  return carts.get(userId) ?? { items: [], updatedAt: new Date(0).toISOString() }
}

function save(userId: string, items: readonly Item[]): Cart {
  const cart = { items, updatedAt: new Date().toISOString() }
  carts.set(userId, cart)
  return cart
}

function add(userId: string, body: unknown): DemoAnswer {
  const { productId, quantity = 1 } = (body ?? {}) as Partial<Item>
  if (typeof productId !== 'string') return invalid('productId: a text is needed')
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 99) {
    return invalid('quantity: a number from 1 to 99 is needed')
  }
  const { items } = cartOf(userId)
  const others = items.filter((item) => item.productId !== productId)
  const before = items.find((item) => item.productId === productId)?.quantity ?? 0
  const cart = save(userId, [...others, { productId, quantity: before + quantity }])
  return { status: 201, headers: { Location: `/carts/${userId}` }, json: { userId, ...cart } }
}

serve(
  'carts',
  {
    'GET /carts/:userId': ({ params }) => shown(params.userId!, cartOf(params.userId!)),
    'POST /carts/:userId/items': ({ params, body }) => add(params.userId!, body),
    'DELETE /carts/:userId/items/:productId': ({ params }) => {
      const { items } = cartOf(params.userId!)
      const left = items.filter(({ productId }) => productId !== params.productId)
      if (left.length === items.length) return missing(`${params.productId} in this cart`)
      save(params.userId!, left)
      return { status: 204 }
    },
  },
  [4, 18],
)
