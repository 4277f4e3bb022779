/** What the service behind the contestants answers: one record of an API, and what aggregates and transforms need beside. */

/** About the size of one record of an API: what every other path answers. */
export const originBody = JSON.stringify({
  id: 42,
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  roles: ['reader', 'editor'],
  note: 'x'.repeat(150),
})

const items = Array.from({ length: 20 }, (_, at) => ({ productId: `p${at}`, quantity: 1 + at }))

/** About 10 kB. */
const orders = Array.from({ length: 50 }, (_, at) => ({
  id: at,
  order_number: `2026-${1000 + at}`,
  customer_name: 'Ada Lovelace',
  total_cents: 1999 + at,
  warehouse: { aisle: at, shelf: 'b' },
  internal_note: 'x'.repeat(60),
}))

/** By path: answered as they are, whatever the query. */
export const documents: Readonly<Record<string, string>> = {
  '/cart': JSON.stringify({ id: 7, items }),
  '/products': JSON.stringify(
    items.map(({ productId }) => ({ id: productId, name: `Product ${productId}`, cents: 1999 })),
  ),
  '/large': JSON.stringify({ orders, total: orders.length, internal: { shard: 3 } }),
}
