/** The bindings of wrangler.toml as the tests use them. */
import { env } from 'cloudflare:workers'
import type { TableBindings } from '../../src/platform/cloudflare/table-ports.ts'

export const bindings = env as unknown as TableBindings
