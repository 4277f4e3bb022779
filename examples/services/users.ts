/**
 * Users: who they are. `GET /users?role=&limit=&after=`, `GET|PATCH /users/:id`, `POST /users`; and their tokens:
 * `GET /keys`, `GET /tokens/:userId`.
 */
import { page } from './page.ts'
import { type DemoAnswer, invalid, missing, serve } from './serve.ts'
import { tokenRoutes } from './tokens.ts'

interface User {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: 'customer' | 'support' | 'admin'
  readonly city: string
  readonly createdAt: string
}

const user = (id: string, name: string, role: User['role'], city: string, createdAt: string) => ({
  id,
  name,
  email: `${name.toLowerCase().replaceAll(/[^a-z]+/g, '.')}@example.com`,
  role,
  city,
  createdAt,
})

const users = new Map<string, User>(
  [
    user('u_1001', 'Maya Lindqvist', 'customer', 'Gothenburg', '2024-03-11T08:24:00Z'),
    user('u_1002', 'Tomas Okafor', 'customer', 'Lagos', '2024-04-02T17:05:12Z'),
    user('u_1003', 'Ines Carvalho', 'customer', 'Porto', '2024-05-19T11:42:37Z'),
    user('u_1004', 'Daniel Whitaker', 'support', 'Leeds', '2023-11-30T09:00:00Z'),
    user('u_1005', 'Aiko Tanabe', 'customer', 'Osaka', '2024-08-07T02:13:55Z'),
    user('u_1006', 'Priya Raman', 'admin', 'Chennai', '2023-06-14T05:30:00Z'),
    user('u_1007', 'Lucas Moreau', 'customer', 'Lyon', '2025-01-22T14:48:09Z'),
    user('u_1008', 'Hannah Fischer', 'customer', 'Leipzig', '2025-02-03T19:27:41Z'),
    user('u_1009', 'Samuel Reyes', 'customer', 'Valparaiso', '2025-06-28T22:10:18Z'),
    user('u_1010', 'Noor Haddad', 'support', 'Amman', '2024-09-16T07:55:30Z'),
    user('u_1011', 'Grace Mbeki', 'customer', 'Durban', '2025-09-01T12:00:44Z'),
    user('u_1012', 'Oliver Brandt', 'customer', 'Vienna', '2026-01-09T16:33:21Z'),
  ].map((entry) => [entry.id, entry]),
)
let nextNumber = 1013

const isEmail = (value: unknown) => typeof value === 'string' && /^\S+@\S+\.\S+$/.test(value)

function create(body: unknown): DemoAnswer {
  const { name, email, city = '' } = (body ?? {}) as Partial<User>
  if (typeof name !== 'string' || name === '') return invalid('name: a text is needed')
  if (!isEmail(email)) return invalid('email: an address is needed')
  if ([...users.values()].some((known) => known.email === email)) {
    return { status: 409, json: { error: 'conflict', message: 'The address is taken.' } }
  }
  const id = `u_${nextNumber++}`
  const createdAt = new Date().toISOString()
  const created: User = { id, name, email: String(email), role: 'customer', city, createdAt }
  users.set(id, created)
  return { status: 201, headers: { Location: `/users/${id}` }, json: created }
}

function change(id: string, body: unknown): DemoAnswer {
  const known = users.get(id)
  if (!known) return missing(`user ${id}`)
  const {
    name = known.name,
    email = known.email,
    city = known.city,
  } = (body ?? {}) as Partial<User>
  if (!isEmail(email)) return invalid('email: an address is needed')
  const changed: User = { ...known, name, email, city }
  users.set(id, changed)
  return { json: changed }
}

serve(
  'users',
  {
    ...tokenRoutes((userId) => users.has(userId)),
    'GET /users': ({ query }) => {
      const role = query.get('role')
      const found = [...users.values()].filter((entry) => role === null || entry.role === role)
      return page(found, query)
    },
    'GET /users/:id': ({ params }) => {
      const found = users.get(params.id!)
      return found ? { json: found } : missing(`user ${params.id}`)
    },
    'POST /users': ({ body }) => create(body),
    'PATCH /users/:id': ({ params, body }) => change(params.id!, body),
    'DELETE /users/:id': ({ params }) =>
      users.delete(params.id!) ? { status: 204 } : missing(`user ${params.id}`),
  },
  [3, 12],
)
