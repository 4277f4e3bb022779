/** What EndpointSlices of Kubernetes (discovery.k8s.io/v1) list. Pure. */
import { type Listed, urlAt } from '../entry-core.ts'
import type { SourceOf } from '../rules.ts'
import type { Watched } from './ask.ts'

/** The path with its query; with a version the changes since it, as lines. */
export function kubernetesPath(
  { namespace, service }: SourceOf<'kubernetes'>,
  watch: { readonly version: string; readonly seconds: number } | null,
): string {
  const query = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${service}` })
  if (watch !== null) {
    query.set('watch', 'true')
    query.set('resourceVersion', watch.version)
    query.set('timeoutSeconds', String(watch.seconds))
  }
  return `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices?${query}`
}

interface SliceList {
  readonly metadata?: { readonly resourceVersion?: string }
  readonly items?: readonly Slice[]
}

interface Slice {
  readonly endpoints?: readonly Endpoint[] | null
  readonly ports?: readonly Port[] | null
}

interface Endpoint {
  readonly addresses?: readonly string[]
  readonly conditions?: {
    readonly ready?: boolean | null
    readonly serving?: boolean | null
    readonly terminating?: boolean | null
  }
}

interface Port {
  readonly name?: string | null
  readonly port?: number | null
}

export interface KubernetesList {
  readonly listed: readonly Listed[]
  /** From where changes can be watched. */
  readonly version: string | null
}

/** Null where it is no list of slices. */
export function listSlices(json: unknown, source: SourceOf<'kubernetes'>): KubernetesList | null {
  const { items, metadata } = (json ?? {}) as SliceList
  if (!Array.isArray(items)) return null
  return {
    listed: items.flatMap((slice: Slice) => listSlice(slice, source)),
    version: metadata?.resourceVersion || null,
  }
}

function listSlice(
  { endpoints, ports }: Slice,
  { port: wanted, scheme }: SourceOf<'kubernetes'>,
): Listed[] {
  const port = (ports ?? []).find(
    ({ name, port: number }) => wanted === null || name === wanted || number === wanted,
  )?.port
  if (port === undefined || port === null) return []
  return (endpoints ?? []).flatMap(({ addresses, conditions }) => {
    // Not said is ready (the API's own rule). One that ends and still serves keeps the clients that it has.
    const isReady = conditions?.ready ?? true
    const isDraining = !isReady && conditions?.serving === true && conditions.terminating === true
    const [address] = addresses ?? []
    // All addresses of one endpoint are the same one: the first stands for it.
    if (address === undefined || !(isReady || isDraining)) return []
    return [{ url: urlAt(address, port, scheme), draining: isDraining }]
  })
}

/** Any change means that the list has to be read anew; so does a version that is too old to go on from. */
export function judgeChange(line: unknown): Watched | null {
  const { type } = (line ?? {}) as { readonly type?: string }
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return 'changed'
  return type === 'ERROR' ? 'changed' : null
}
