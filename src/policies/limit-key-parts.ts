/** One entry of `by`: what it reads from a request, and whether the client could have chosen that freely. */
import { networkOf } from '../http/network.ts'
import type { Exchange, Identity } from '../pipeline/exchange.ts'
import { parseTemplate } from '../template/parse.ts'
import { isKnownLate, type Read, readAttribute } from '../template/vocabulary.ts'

export interface KeyPart {
  readonly read: Read
  /** Whether nothing of it can be chosen freely by the client of this request. */
  isVerified(exchange: Exchange): boolean
  /** It may hold a credential or what a person wrote: never to be seen in the clear. */
  readonly hidden: boolean
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
const isIdentified = ({ identity }: Exchange) => identity !== null
const never = () => false

/** `route` is the name of the route that the policy is bound for. The schema has refused what is no name. */
export function bindKeyPart(text: string, route: string): KeyPart {
  switch (text) {
    case 'consumer':
      return { read: readCaller, isVerified: isIdentified, hidden: false }
    case 'route':
      return { read: () => route, isVerified: always, hidden: false }
    case 'country':
      return bindKeyPart('client.country', route)
    case 'global':
      return { read: () => '', isVerified: always, hidden: false }
  }
  return text.includes('${') ? bindTemplatePart(text) : bindAttributePart(text)
}

/** The pair of authority and subject (ROUTES.md §5); who is anonymous counts by address. */
function readCaller({ identity, client }: Exchange): string {
  return identity === null ? `a${addressKey(client.address)}` : `c${pairOf(identity)}`
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
  const hidden = /^(?:header|cookie|query|claims)\./.test(name)
  if (name === 'client.ip') {
    return { read: ({ client }) => addressKey(client.address), isVerified: never, hidden }
  }
  if (isKnownLate(name)) return { read, isVerified: isIdentified, hidden }
  return { read, isVerified: ofTheNetwork.has(name) ? always : never, hidden }
}

/** Its values are told apart by their lengths too: `${a}${b}` is no way to another's key. */
function bindTemplatePart(text: string): KeyPart {
  const parts = attributesOfKeyPart(text).map(bindAttributePart)
  return {
    read(exchange) {
      let key = ''
      for (const part of parts) {
        const value = part.read(exchange)
        key += `${value.length}:${value}`
      }
      return key
    },
    isVerified: (exchange) => parts.every((part) => part.isVerified(exchange)),
    hidden: parts.some((part) => part.hidden),
  }
}
