/**
 * Reviews of products over GraphQL, for examples/21-graphql.routes.json: `npx node examples/services/reviews.ts`.
 */
import { createServer, type RequestListener } from 'node:http'
import { createGraphQLError, createSchema, createYoga } from 'graphql-yoga'

interface Review {
  readonly id: string
  readonly author: string
  readonly stars: number
  readonly text: string
}

const typeDefs = `
  type Review { id: ID!, author: String!, stars: Int!, text: String! }
  type Product { id: ID!, reviews(first: Int = 10): [Review!]! }
  type Query { product(id: ID!): Product }
  type Mutation { addReview(productId: ID!, stars: Int!, text: String!): Review! }
`

const reviews = new Map<string, Review[]>([
  [
    'p_104',
    [
      { id: 'r_1', author: 'Ines', stars: 5, text: 'Survived three winters outside.' },
      { id: 'r_2', author: 'Lucas', stars: 4, text: 'The red one fades a little.' },
    ],
  ],
  ['p_107', [{ id: 'r_3', author: 'Aiko', stars: 5, text: 'Warm, and no hum.' }]],
])
let nextNumber = 4

interface NewReview {
  readonly productId: string
  readonly stars: number
  readonly text: string
}

function addReview(_: unknown, { productId, stars, text }: NewReview): Review {
  const known = reviews.get(productId)
  if (known === undefined) {
    const extensions = { code: 'PRODUCT_UNKNOWN' }
    throw createGraphQLError('There is no such product.', { extensions })
  }
  const review = { id: `r_${nextNumber++}`, author: 'you', stars, text }
  known.push(review)
  return review
}

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs,
    resolvers: {
      Query: {
        product: (_, { id }: { id: string }) => (reviews.has(id) ? { id } : null),
      },
      Product: {
        reviews: ({ id }: { id: string }, { first }: { first: number }) =>
          reviews.get(id)?.slice(0, first) ?? [],
      },
      Mutation: { addReview },
    },
  }),
})

/** Answers what a server of Node is asked. */
export const answerReviews: RequestListener = (request, response) => void yoga(request, response)

if (import.meta.main) {
  createServer(answerReviews).listen(9108, '127.0.0.1', () => {
    console.log('reviews on http://127.0.0.1:9108')
  })
}
