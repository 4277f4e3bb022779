/**
 * One look at the store: what stands under `routes`, and a plan of it where it is new. Changes nothing; the
 * source decides what to make of it. Failures of the store come out as values.
 */
import type { TablePorts } from '../platform/ports.ts'
import type { Loaded } from './judge.ts'
import type { LiveTable, LoadTable } from './live-table.ts'
import type { Problem } from './problem.ts'
import { judgeCopy, type Known } from './source-core.ts'
import { goodKey, parseTableMetadata, routesKey, type TableMetadata } from './table-keys.ts'

export interface SeekParts {
  readonly load: LoadTable
  readonly versionOf: (text: string) => Promise<string>
  readonly build: string
}

export interface SeekState extends Known {
  /** The version under `routes:good` that was found broken, or null. */
  readonly refusedGood: string | null
}

export type Sought =
  /** The store does not answer. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'absent'; readonly good: SoughtGood }
  | { readonly kind: 'same'; readonly stamp: number }
  | { readonly kind: 'stale' }
  | { readonly kind: 'refused-before'; readonly good: SoughtGood }
  | {
      readonly kind: 'refused'
      readonly version: string
      readonly problems: readonly Problem[]
      readonly good: SoughtGood
    }
  | {
      readonly kind: 'loaded'
      readonly live: LiveTable
      readonly stamp: number
      /** Whether `routes:good` already is this text, accepted by this build. */
      readonly confirmed: boolean
    }

/** The last good table, looked for only where nothing serves. */
export type SoughtGood =
  | { readonly kind: 'none' }
  | { readonly kind: 'loaded'; readonly live: LiveTable }
  | { readonly kind: 'refused'; readonly version: string }

const none: SoughtGood = { kind: 'none' }

export async function seek(
  ports: Pick<TablePorts, 'clock' | 'documents'>,
  parts: SeekParts,
  state: SeekState,
): Promise<Sought> {
  try {
    return await look(ports, parts, state)
  } catch {
    return { kind: 'failed' }
  }
}

async function look(
  ports: Pick<TablePorts, 'clock' | 'documents'>,
  parts: SeekParts,
  state: SeekState,
): Promise<Sought> {
  const { clock, documents } = ports
  const isCold = state.live === null
  const versions = [state.live, state.refused].filter((version) => version !== null)
  // A cold isolate needs both: asked at once they cost one way to the store.
  const [found, early] = await Promise.all([
    documents.getIfChanged(routesKey, versions),
    isCold ? readGood(documents) : null,
  ])
  const good = () => (isCold ? seekGood(ports, parts, state) : none)
  if (found.kind === 'absent') return { kind: 'absent', good: await good() }

  const { version: named, stamp } = parseTableMetadata(found.metadata)
  const version = found.kind === 'read' ? await parts.versionOf(found.text) : (named ?? '')
  switch (judgeCopy({ version, stamp }, state, clock.now())) {
    case 'same':
      return { kind: 'same', stamp: stamp ?? 0 }
    case 'stale':
      return { kind: 'stale' }
    case 'refused-before':
      return { kind: 'refused-before', good: await good() }
    case 'new':
  }
  // Its version was known a moment ago, and is not now: the next look reads it.
  if (found.kind !== 'read') return { kind: 'stale' }

  const accepted = early ?? (await readGood(documents))
  const confirmed = isAccepted(accepted, version, parts.build)
  const loaded = await parts.load(found.text, { trusted: confirmed, version })
  if (loaded.kind === 'invalid') {
    // What works and is probably not meant takes nothing out of service.
    const problems = loaded.problems.filter(({ severity }) => severity !== 'warning')
    return { kind: 'refused', version, problems, good: await good() }
  }
  const live = liveTable(loaded, version, { from: 'routes', now: clock.now() })
  return { kind: 'loaded', live, stamp: stamp ?? 0, confirmed }
}

/** A build without a name cannot tell what it accepted from what another one did. */
function isAccepted(accepted: TableMetadata, version: string, build: string): boolean {
  return build !== '' && accepted.build === build && accepted.version === version
}

/** What stands beside the last good table. Without it a text is judged in full, which is slower and no worse. */
async function readGood(documents: TablePorts['documents']): Promise<TableMetadata> {
  try {
    return parseTableMetadata(await documents.metadata(goodKey))
  } catch {
    return parseTableMetadata(null)
  }
}

async function seekGood(
  { clock, documents }: Pick<TablePorts, 'clock' | 'documents'>,
  parts: SeekParts,
  { refusedGood }: SeekState,
): Promise<SoughtGood> {
  const found = await documents.getIfChanged(goodKey, refusedGood === null ? [] : [refusedGood])
  if (found.kind !== 'read') return none
  const version = await parts.versionOf(found.text)
  const accepted = parseTableMetadata(found.metadata)
  const trusted = isAccepted(accepted, version, parts.build)
  const loaded = await parts.load(found.text, { trusted, version })
  if (loaded.kind === 'invalid') return { kind: 'refused', version }
  return { kind: 'loaded', live: liveTable(loaded, version, { from: 'good', now: clock.now() }) }
}

function liveTable(
  { plan, warnings, lacks }: Loaded & { kind: 'loaded' },
  version: string,
  { from, now }: { readonly from: LiveTable['from']; readonly now: number },
): LiveTable {
  return { plan, version, warnings, lacks, loadedAt: now, from }
}
