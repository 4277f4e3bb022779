/**
 * Versions in media types: `application/json; version=2` and `application/vnd.acme.v2+json` (RFC 6838 §3.2, RFC 9110
 * §8.3.1, §12.5.1). Reads what a list asks for, takes it out, and writes it into the type of an answer. Pure.
 */

/** Where in a media type the version stands. */
export type Place =
  | { readonly kind: 'parameter'; readonly name: string }
  /** Behind `application/vnd.<vendor>.`. */
  | { readonly kind: 'vendor'; readonly vendor: string }

// Clients name a handful; of a longer list the rest is not looked at.
const MAX_MEMBERS = 32

// Types that have a suffix of the same name (RFC 6839, RFC 8949, RFC 9512): of a vendor's own type only that is left.
const structured = /^application\/(?:json|xml|cbor|yaml)$/i

const memberForm = /(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g
const partForm = /(?:[^";]|"(?:[^"\\]|\\.)*"?)+/g

/** The versions that a list of media types asks for, the most wanted first; empty where it names none. */
export function askedVersions(list: string, place: Place): readonly string[] {
  const asked: { readonly version: string; readonly weight: number }[] = []
  for (const member of membersOf(list)) {
    const version = versionOf(member, place)
    const weight = weightOf(member)
    if (version !== null && weight > 0) asked.push({ version, weight })
  }
  return asked.sort((one, other) => other.weight - one.weight).map(({ version }) => version)
}

/** The list with another version in place of those that it names; null takes them out. */
export function replaceVersion(list: string, place: Place, version: string | null): string {
  const replaced = (list.match(memberForm) ?? []).map((text, index) => {
    const member = index < MAX_MEMBERS ? parse(text) : null
    if (member === null || versionOf(member, place) === null) return text.trim()
    return write(version === null ? without(member, place) : withVersion(member, place, version))
  })
  return replaced.join(', ')
}

/** The media type of an answer, with the version: the type as it is where the form has no place for one. */
export function markType(type: string, place: Place, version: string): string {
  const member = parse(type)
  if (member === null) return type
  if (place.kind === 'vendor' && !structured.test(member.essence)) return type
  return write(withVersion(member, place, version))
}

interface Member {
  readonly essence: string
  /** As written, `name=value`. */
  readonly parameters: readonly string[]
}

function membersOf(list: string): readonly Member[] {
  const texts = list.match(memberForm) ?? []
  return texts.slice(0, MAX_MEMBERS).flatMap((text) => parse(text) ?? [])
}

function parse(text: string): Member | null {
  const [essence = '', ...parameters] = (text.match(partForm) ?? []).map((part) => part.trim())
  return essence.includes('/') ? { essence, parameters } : null
}

function write({ essence, parameters }: Member): string {
  return [essence, ...parameters].join('; ')
}

function versionOf({ essence, parameters }: Member, place: Place): string | null {
  if (place.kind === 'parameter') {
    const found = parameters.find((parameter) => isNamed(parameter, place.name))
    return found === undefined ? null : readValue(found)
  }
  const prefix = prefixOf(place.vendor)
  const lower = essence.toLowerCase()
  if (!lower.startsWith(prefix)) return null
  const version = lower.slice(prefix.length).split('+', 1)[0] ?? ''
  return version === '' ? null : version
}

function withVersion(member: Member, place: Place, version: string): Member {
  const bare = without(member, place)
  if (place.kind === 'parameter') {
    // Before the weight: what stands behind it is no parameter of the type (RFC 9110 §12.5.1).
    const at = bare.parameters.findIndex((parameter) => isNamed(parameter, 'q'))
    const own = `${place.name}=${version}`
    const end = at === -1 ? bare.parameters.length : at
    return { ...bare, parameters: bare.parameters.toSpliced(end, 0, own) }
  }
  const format = bare.essence.slice('application/'.length).split('+').at(-1) ?? 'json'
  const shown = /^\d+$/.test(version) ? `v${version}` : version
  return { ...bare, essence: `${prefixOf(place.vendor)}${shown}+${format}` }
}

function without(member: Member, place: Place): Member {
  const { essence, parameters } = member
  if (place.kind === 'parameter') {
    return { essence, parameters: parameters.filter((one) => !isNamed(one, place.name)) }
  }
  if (!essence.toLowerCase().startsWith(prefixOf(place.vendor))) return member
  const [, format = 'json'] = essence.split('+', 2)
  return { essence: `application/${format.toLowerCase()}`, parameters }
}

function prefixOf(vendor: string): string {
  return `application/vnd.${vendor}.`
}

function isNamed(parameter: string, name: string): boolean {
  const equals = parameter.indexOf('=')
  return equals !== -1 && parameter.slice(0, equals).trim().toLowerCase() === name
}

function readValue(parameter: string): string {
  const value = parameter.slice(parameter.indexOf('=') + 1).trim()
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
}

function weightOf({ parameters }: Member): number {
  const written = parameters.find((parameter) => isNamed(parameter, 'q'))
  if (written === undefined) return 1
  const weight = Number(readValue(written))
  return weight >= 0 && weight <= 1 ? weight : 1
}
