/** Where each demo service listens. routes.json and examples/ name the same ports. */
export const demoPorts: Readonly<Record<DemoName, number>> = {
  users: 9101,
  orders: 9102,
  catalog: 9103,
  carts: 9104,
  rewards: 9105,
  payments: 9106,
}

export type DemoName = 'users' | 'orders' | 'catalog' | 'carts' | 'rewards' | 'payments'
