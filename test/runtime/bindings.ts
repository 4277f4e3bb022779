/** The bindings of wrangler.toml as the tests use them. */
import { env } from 'cloudflare:workers'
import type { BucketBindings } from '../../src/platform/cloudflare/bucket-objects.ts'
import type { FillBindings } from '../../src/platform/cloudflare/fill-objects.ts'
import type { PurgeBindings } from '../../src/platform/cloudflare/purges.ts'
import type { TableBindings } from '../../src/platform/cloudflare/table-ports.ts'
import type { TallyBindings } from '../../src/platform/cloudflare/tallies.ts'
import type { VersionsBindings } from '../../src/platform/cloudflare/version-uses.ts'

export const bindings = env as unknown as TableBindings &
  BucketBindings &
  FillBindings &
  PurgeBindings &
  TallyBindings &
  VersionsBindings
