/** What an operator wants gone from the cache: the body of `POST purge`, with every problem at its place. */
import * as z from 'zod/mini'
import type { Purge } from '../cache/answer.ts'
import { normalUrl } from '../cache/purge-core.ts'
import type { Problem } from '../config/problem.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import { normalizePath } from '../match/normalize.ts'
import { object } from '../schema/atoms.ts'
import { withRule } from '../schema/rule.ts'
import type { AdminCall } from './call.ts'
import { readBody } from './read-body.ts'

// A quarter of what the list of all purges may have: one purge never pushes out all others.
const MAX_BODY_BYTES = 65_536
const MAX_NAMES = 1_000

const url = z.string().check(
  z.regex(/^https?:\/\/[^/?#@\x00-\x20\x7f]+(?:[/?][^#\x00-\x20\x7f]*)?$/i, {
    error: 'a URL with its scheme and host such as "https://api.example.com/products?page=2"',
  }),
)
const tag = z.string().check(
  z.regex(/^[^\x00-\x20\x7f,]{1,1024}$/, {
    error: 'a tag of 1 to 1024 characters, without spaces and commas',
  }),
)
const routeName = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9._-]*$/, { error: 'the name of a route' }))

function list(item: z.ZodMiniType<string>) {
  return z.optional(z.array(item).check(z.minLength(1), z.maxLength(MAX_NAMES)))
}

const schema = withRule(
  object({
    urls: list(url),
    prefixes: list(url),
    tags: list(tag),
    routes: list(routeName),
    all: z.optional(z.literal(true)),
  }),
  function saysWhat(written, note) {
    const named = ['urls', 'prefixes', 'tags', 'routes'].filter((key) => written[key] !== undefined)
    if (written.all === undefined && named.length === 0) {
      note([], 'expected `urls`, `prefixes`, `tags`, `routes` or `all`, found none of them')
    }
    if (written.all !== undefined && named.length > 0) {
      note(['all'], `expected \`all\` alone, found \`${named[0]}\` beside it`)
    }
  },
)

export type ReadPurge = { readonly kind: 'read'; readonly purge: Purge } | Refusal

export async function readPurge(call: AdminCall): Promise<ReadPurge> {
  const read = await readBody(call, { schema, limitBytes: MAX_BODY_BYTES, refuse: refuseBody })
  if (read.kind === 'refused') return read
  const { urls, prefixes, tags, routes, all } = read.body
  const purge = {
    ...(urls === undefined ? {} : { urls: urls.map(asMatched) }),
    ...(prefixes === undefined ? {} : { prefixes: prefixes.map(asMatched) }),
    ...(tags === undefined ? {} : { tags }),
    ...(routes === undefined ? {} : { routes }),
    ...(all === undefined ? {} : { all }),
  }
  return { kind: 'read', purge }
}

const keep = { emptySegments: 'keep', encodedSlash: 'keep', semicolon: 'keep' } as const

/** With its path as the matcher sees it, which is how it is stored. */
function asMatched(text: string): string {
  const [, origin = '', path = '', query = ''] =
    /^(https?:\/\/[^/?]+)([^?]*)(\?.*)?$/i.exec(normalUrl(text)) ?? []
  const normalized = normalizePath(path, keep)
  return typeof normalized === 'string' ? `${origin}${normalized}${query}` : text
}

function refuseBody(problems: readonly Problem[]): Refusal {
  return refuse('PURGE_INVALID', { members: { problems } })
}
