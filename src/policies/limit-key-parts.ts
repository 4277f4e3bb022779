/** One entry of `by`: what it reads from a request, and whether the client could have chosen that freely. */
import { networkOf } from '../http/network.ts'
import type { Exchange, Identity } from '../pipeline/exchange.ts'
import { parseTemplate } from '../template/parse.ts'
import { isKnownLate, type Read, readAttribute } from '../template/vocabulary.ts'
import { readAnonymous, readShown, showCaller, showValue } from './limit-key-shown.ts'

export interface KeyPart {
  readonly read: Read
  /** Whether nothing of it can be chosen freely by the client of this request. */
  isVerified(request: Pick<Exchange, 'identity'>): boolean
  /** It may hold a credential or what a person wrote: never to be seen in the clear. */
  readonly hidden: boolean
  /** What an operator who names a key has to write for it: one value for each. */
  readonly names: readonly string[]
  /** These values, as an operator sees them. */
  show(exchange: Exchange): readonly string[]
  /** What `read` gives where the values are these; null where they cannot be. `identity` is that of `consumer`. */
  readNamed(written: readonly string[], identity: Identity | null): string | null
}

/** The names that `by` has beside those of templates. */
export const shortForms = ['consumer', 'route', 'country', 'global'] as const

/** Whether `by` takes this text; null, or what was expected in its place. */
export function judgeKeyPart(text: string): string | null {
  if (text === '') return 'a name'
  if ((shortForms as readonly string[]).includes(text)) return null
  const parsed = parseTemplate(text.includes('${') ? text : `\${${text}}`)
  if (parsed.kind === 'template') return null
  return `${shortForms.map((form) => `"${form}"`).join(', ')}, or ${parsed.reason}`
}

/** The names of the vocabulary that an entry of `by` reads; none for a short form. */
export function attributesOfKeyPart(text: string): readonly string[] {
  if ((shortForms as readonly string[]).includes(text)) return []
  if (!text.includes('${')) return [text]
  const parsed = parseTemplate(text)
  if (parsed.kind === 'invalid') return []
  return parsed.parts.flatMap((part) => (part.kind === 'attribute' ? [part.name] : []))
}

const always = () => true
const isIdentified = ({ identity }: Pick<Exchange, 'identity'>) => identity !== null
const never = () => false

/** `route` is the name of the route that the policy is bound for. The schema has refused what is no name. */
export function bindKeyPart(text: string, route: string): KeyPart {
  switch (text) {
    case 'consumer':
      return callerPart
    case 'route':
      return {
        read: () => route,
        isVerified: always,
        hidden: false,
        names: [text],
        show: () => [route],
        readNamed: ([name = '']) => name,
      }
    case 'country':
      return bindKeyPart('client.country', route)
    case 'global':
      return globalPart
  }
  return text.includes('${') ? bindTemplatePart(text) : bindAttributePart(text)
}

/** The pair of authority and subject (ROUTES.md §5); who is anonymous counts by address. */
const callerPart: KeyPart = {
  read: ({ identity, client }) => callerKey(identity, addressKey(client.address)),
  isVerified: isIdentified,
  hidden: false,
  names: ['consumer'],
  show: ({ identity, client }) => [showCaller(identity, addressKey(client.address))],
  readNamed([text = ''], identity) {
    const network = identity === null ? readAnonymous(text) : ''
    return network === null ? null : callerKey(identity, network)
  },
}

const GLOBAL = 'global'
const globalPart: KeyPart = {
  read: () => '',
  isVerified: always,
  hidden: false,
  names: [GLOBAL],
  show: () => [GLOBAL],
  readNamed: ([text]) => (text === GLOBAL ? '' : null),
}

function callerKey(identity: Identity | null, network: string): string {
  return identity === null ? `a${network}` : `c${pairOf(identity)}`
}

function pairOf({ authority, subject }: Identity): string {
  return `${authority.length}:${authority}${subject}`
}

/** Where no address is known all share one bucket: it may be kept against nobody else. */
function addressKey(address: string | null): string {
  return address === null ? '' : networkOf(address)
}

/** What the network says of the client: it has a few hundred values, and a client cannot write it. */
const ofTheNetwork = new Set(['client.country', 'client.continent', 'client.colo', 'route.name'])

function bindAttributePart(name: string): KeyPart {
  const read = readAttribute(name)
  if (read === null) throw new TypeError(`expected a name that templates know, found "${name}"`)
  const own: Read = name === 'client.ip' ? ({ client }) => addressKey(client.address) : read
  return {
    read: own,
    isVerified: isKnownLate(name) ? isIdentified : ofTheNetwork.has(name) ? always : never,
    hidden: /^(?:header|cookie|query|claims)\./.test(name),
    names: [name],
    show: (exchange) => [showValue(name, own(exchange))],
    readNamed: ([text = '']) => readShown(name, text),
  }
}

/** Its values are told apart by their lengths too: `${a}${b}` is no way to another's key. */
function bindTemplatePart(text: string): KeyPart {
  const parts = attributesOfKeyPart(text).map(bindAttributePart)
  return {
    read(exchange) {
      let key = ''
      for (const part of parts) key += prefixed(part.read(exchange))
      return key
    },
    isVerified: (request) => parts.every((part) => part.isVerified(request)),
    hidden: parts.some((part) => part.hidden),
    names: parts.flatMap((part) => part.names),
    show: (exchange) => parts.flatMap((part) => part.show(exchange)),
    readNamed(written, identity) {
      const values = parts.map((part, at) => part.readNamed(written.slice(at), identity))
      return values.some((value) => value === null)
        ? null
        : values.map((value) => prefixed(value ?? '')).join('')
    },
  }
}

/** With its length in front, no two lists of values give the same key. */
export function prefixed(value: string): string {
  return `${value.length}:${value}`
}
