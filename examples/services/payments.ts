/** Payments: `POST /payments`, `GET /payments/:id`, `GET /payments?order=`. Cards that end in 0002 are declined. */
import { randomUUID } from 'node:crypto'
import { page } from './page.ts'
import { type DemoAnswer, invalid, missing, serve } from './serve.ts'

interface Payment {
  readonly id: string
  readonly orderId: string
  readonly amountCents: number
  readonly currency: string
  readonly status: 'captured' | 'declined'
  readonly cardLast4: string
  readonly createdAt: string
}

const payments = new Map<string, Payment>([
  [
    'pay_7f3a',
    {
      id: 'pay_7f3a',
      orderId: 'o_5008',
      amountCents: 8990,
      currency: 'EUR',
      status: 'captured',
      cardLast4: '4242',
      createdAt: '2026-11-18T07:46:02Z',
    },
  ],
])

const MAX_AMOUNT_CENTS = 1_000_000

function create(body: unknown): DemoAnswer {
  const { orderId, amountCents, currency, cardLast4 } = (body ?? {}) as Partial<Payment>
  if (typeof orderId !== 'string' || !/^o_[0-9]+$/.test(orderId)) {
    return invalid('orderId: such as o_5008')
  }
  if (!Number.isInteger(amountCents) || amountCents! < 1 || amountCents! > MAX_AMOUNT_CENTS) {
    return invalid(`amountCents: a number from 1 to ${MAX_AMOUNT_CENTS}`)
  }
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) {
    return invalid('currency: three capitals, such as EUR')
  }
  if (typeof cardLast4 !== 'string' || !/^[0-9]{4}$/.test(cardLast4)) {
    return invalid('cardLast4: four digits')
  }
  const id = `pay_${randomUUID().slice(0, 8)}`
  const payment: Payment = {
    id,
    orderId,
    amountCents: amountCents!,
    currency,
    status: cardLast4 === '0002' ? 'declined' : 'captured',
    cardLast4,
    createdAt: new Date().toISOString(),
  }
  payments.set(id, payment)
  if (payment.status === 'declined') return { status: 402, json: payment }
  return { status: 201, headers: { Location: `/payments/${id}` }, json: payment }
}

serve(
  'payments',
  {
    'POST /payments': ({ body }) => create(body),
    'GET /payments': ({ query }) => {
      const orderId = query.get('order')
      const found = [...payments.values()].filter(
        (entry) => orderId === null || entry.orderId === orderId,
      )
      return page(found, query)
    },
    'GET /payments/:id': ({ params }) => {
      const found = payments.get(params.id!)
      return found ? { json: found } : missing(`payment ${params.id}`)
    },
  },
  [25, 80],
)
