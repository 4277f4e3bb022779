/** `discover`: who knows where a service runs (ROUTES.md §4). */
import * as z from 'zod/mini'
import { described, integer, object, secretRef, text } from '../../schema/atoms.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'

const url = text(
  z.regex(/^https?:\/\/[^\s#@?]+$/, {
    error: 'http(s)://host[:port][/base] without user, query and fragment',
  }),
)
const listUrl = text(
  z.regex(/^https?:\/\/[^\s#@]+$/, {
    error: 'http(s)://host[:port]/path without user and fragment',
  }),
)
const hostName = text(
  z.regex(
    /^(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.?$/,
    {
      error: 'a name in the DNS',
    },
  ),
)
const serviceName = text(
  z.regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/, { error: 'the name of a service' }),
)
const port = integer(1, 65_535)
const scheme = described(
  'The scheme of the targets. `https` on port 443, else `http`, unless given.',
  z.optional(z.enum(['http', 'https'])),
)
const token = (sentence: string) => described(sentence, z.optional(secretRef))

const dnsSchema = withRule(
  object({
    srv: described(
      'The name of SRV records such as `_api._tcp.example.com`: host, port, priority and weight.',
      z.optional(hostName),
    ),
    a: described('A name with A records: a target for each address.', z.optional(hostName)),
    port: described(
      'The port of the targets of `a`. That of the scheme unless given.',
      z.optional(port),
    ),
    scheme,
    resolver: described(
      'The resolver, spoken to over HTTPS (RFC 8484). `https://cloudflare-dns.com/dns-query` unless given.',
      z.optional(url),
    ),
  }),
  oneRecord,
)

const consulSchema = object({
  url: described('The address of an agent or server.', url),
  service: described('The name of the service.', serviceName),
  passing: described(
    'Whether only instances count of which all checks pass. True unless given.',
    z.optional(z.boolean()),
  ),
  tag: described('Only instances with this tag.', z.optional(serviceName)),
  scheme,
  token: token('The ACL token.'),
})

const kubernetesSchema = object({
  url: described('The address of the API server.', url),
  namespace: described('The namespace.', serviceName),
  service: described('The name of the Service whose EndpointSlices are read.', serviceName),
  port: described(
    'The name or number of the port, where the service has several. The first unless given.',
    z.optional(z.union([port, serviceName])),
  ),
  scheme,
  token: token('The bearer token of a service account that may list and watch EndpointSlices.'),
})

const etcdSchema = object({
  url: described('The address of a server; its JSON gateway is asked.', url),
  prefix: described(
    'What the keys begin with. A value is a URL, or JSON as in a list of `http`.',
    text(z.regex(/^.{1,1024}$/u, { error: '1 to 1024 characters' })),
  ),
  token: token('The token of a user, sent as Authorization.'),
})

const httpSchema = z.union([
  listUrl,
  object({
    url: described('Where the list is.', listUrl),
    token: token('The bearer token that the list is asked for with.'),
  }),
])

const sources = {
  dns: described('Records of the DNS, asked for over HTTPS.', z.optional(dnsSchema)),
  consul: described('A service of Consul.', z.optional(consulSchema)),
  kubernetes: described('The EndpointSlices of a Service.', z.optional(kubernetesSchema)),
  etcd: described('Keys of etcd.', z.optional(etcdSchema)),
  http: described(
    'A JSON list of URLs, or of objects with `url` and as wanted `weight`, `priority`, `zone` and `draining`.',
    z.optional(httpSchema),
  ),
}

export const discoverSchema = withRule(
  object({
    ...sources,
    registration: described(
      'Whether targets may register themselves, with `POST /_gateway/targets/<upstream>`. No unless given.',
      z.optional(z.boolean()),
    ),
    refreshSeconds: described(
      'How often the source is asked. 30 unless given; with `dns` the most, where the records may be kept for less: then 300 unless given.',
      z.optional(integer(1, 86_400)),
    ),
    watch: described(
      'Whether the object of the upstream waits at Consul, Kubernetes or etcd for changes. True unless given; false only asks every `refreshSeconds`, and costs less.',
      z.optional(z.boolean()),
    ),
  }),
  oneSource,
)
export type DiscoverOptions = z.infer<typeof discoverSchema>

function oneRecord(written: Written, note: Note): void {
  const { srv, a, port } = written
  if ((srv === undefined) === (a === undefined)) {
    note([], `expected exactly one of "srv" and "a", found ${srv === undefined ? 'none' : 'both'}`)
  }
  if (srv !== undefined && port !== undefined) {
    note(['port'], 'found "port" with "srv", expected none: SRV records have ports of their own')
  }
}

function oneSource(written: Written, note: Note): void {
  const given = Object.keys(sources).filter((name) => written[name] !== undefined)
  if (given.length > 1) {
    const found = given.map((name) => `"${name}"`).join(', ')
    note([], `expected one source at most, found ${found}`)
  }
  if (given.length === 0 && written.registration !== true) {
    const names = Object.keys(sources).map((name) => `"${name}"`)
    note([], `expected one of ${names.join(', ')}, or "registration": true`)
  }
}
