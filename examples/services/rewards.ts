/** Rewards: points and tier of a user. The slowest of the services. `GET /rewards/:userId`. */
import { missing, serve } from './serve.ts'

const account = (points: number, memberSince: string) => ({
  points,
  tier: points >= 5000 ? 'gold' : points >= 1000 ? 'silver' : 'bronze',
  pointsToNextTier: points >= 5000 ? 0 : (points >= 1000 ? 5000 : 1000) - points,
  memberSince,
})

const accounts = new Map([
  ['u_1001', account(5820, '2024-03-11')],
  ['u_1002', account(340, '2024-04-02')],
  ['u_1003', account(1675, '2024-05-20')],
  ['u_1005', account(990, '2024-08-07')],
  ['u_1007', account(60, '2025-01-22')],
  ['u_1008', account(2210, '2025-02-04')],
  ['u_1011', account(0, '2025-09-01')],
])

serve(
  'rewards',
  {
    'GET /rewards/:userId': ({ params }) => {
      const found = accounts.get(params.userId!)
      return found
        ? { json: { userId: params.userId, ...found } }
        : missing(`account of ${params.userId}`)
    },
  },
  [40, 120],
)
