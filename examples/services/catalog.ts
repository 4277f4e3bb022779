/** The catalog: what can be bought. `GET /products?category=&q=&ids=a,b`, `GET /products/:id`; both with ETag and Cache-Control. */
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { page } from './page.ts'
import { type DemoAnswer, invalid, missing, serve } from './serve.ts'

interface Product {
  readonly id: string
  readonly name: string
  readonly category: 'kitchen' | 'outdoor' | 'office' | 'home'
  readonly priceCents: number
  readonly currency: 'EUR'
  readonly stock: number
  readonly updatedAt: string
}

const product = (
  id: string,
  name: string,
  category: Product['category'],
  priceCents: number,
  stock: number,
  updatedAt: string,
): Product => ({ id, name, category, priceCents, currency: 'EUR', stock, updatedAt })

const products: readonly Product[] = [
  product('p_101', 'Pour-over kettle, 0.9 l', 'kitchen', 8990, 42, '2026-11-01T09:00:00Z'),
  product('p_102', 'Bread knife, 22 cm', 'kitchen', 2490, 130, '2026-10-12T09:00:00Z'),
  product('p_103', 'Linen apron', 'kitchen', 1890, 75, '2026-09-30T09:00:00Z'),
  product('p_104', 'Enamel mug', 'outdoor', 1250, 312, '2026-11-05T09:00:00Z'),
  product('p_105', 'Hammock with straps', 'outdoor', 7490, 18, '2026-08-21T09:00:00Z'),
  product('p_106', 'Dotted notebook, A5', 'office', 690, 840, '2026-11-11T09:00:00Z'),
  product('p_107', 'Desk lamp, warm white', 'office', 4900, 27, '2026-10-28T09:00:00Z'),
  product('p_108', 'Standing mat', 'office', 15900, 9, '2026-11-14T09:00:00Z'),
  product('p_109', 'Wool blanket, 140 x 200', 'home', 21900, 0, '2026-11-16T09:00:00Z'),
  product('p_110', 'Beeswax candles, set of six', 'home', 3400, 64, '2026-11-03T09:00:00Z'),
]

const MAX_IDS = 50

/** Answers 304 to who has this content already (RFC 9110 §13.1.2). */
function cacheable(answer: DemoAnswer, headers: IncomingHttpHeaders, maxAgeSeconds: number) {
  const digest = createHash('sha256').update(JSON.stringify(answer.json)).digest('base64url')
  const etag = `"${digest.slice(0, 16)}"`
  const fields = { ETag: etag, 'Cache-Control': `public, max-age=${maxAgeSeconds}` }
  const known = headers['if-none-match']?.split(',').some((tag) => tag.trim() === etag)
  return known ? { status: 304, headers: fields } : { ...answer, headers: fields }
}

function list(query: URLSearchParams): DemoAnswer {
  const ids = query.get('ids')?.split(',').filter(Boolean)
  if (ids) {
    if (ids.length > MAX_IDS) return invalid(`ids: at most ${MAX_IDS} at once`)
    // In the order asked for; what is not there is left out, as batch reads do.
    const found = ids.flatMap((id) => products.find((entry) => entry.id === id) ?? [])
    return { json: { items: found, total: found.length, next: null } }
  }
  const category = query.get('category')
  const words = query.get('q')?.toLowerCase() ?? ''
  const found = products.filter(
    (entry) =>
      (category === null || entry.category === category) &&
      entry.name.toLowerCase().includes(words),
  )
  return page(found, query)
}

serve(
  'catalog',
  {
    'GET /products': ({ query, headers }) => {
      const answer = list(query)
      return answer.status === undefined ? cacheable(answer, headers, 30) : answer
    },
    'GET /products/:id': ({ params, headers }) => {
      const found = products.find(({ id }) => id === params.id)
      return found ? cacheable({ json: found }, headers, 60) : missing(`product ${params.id}`)
    },
  },
  [5, 20],
)
