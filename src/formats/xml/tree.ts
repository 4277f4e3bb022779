/** A document of XML as a tree of elements. What is not well-formed, or beyond the bounds, never reaches the parser. */
import { XMLParser } from 'fast-xml-parser'
import { type Invalid, invalid, MAX_DEPTH } from '../format.ts'
import { checkXml } from './check.ts'

export interface XmlElement {
  /** As written, prefix included. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  /** Text is a string; comments and processing instructions are left out. */
  readonly children: readonly (XmlElement | string)[]
}

export function parseXml(text: string): { kind: 'root'; root: XmlElement } | Invalid {
  const checked = checkXml(text)
  if (checked.kind === 'invalid') return checked
  try {
    parser ??= makeParser()
    const [root] = parser.parse(checked.text) as Parsed[]
    const element = root === undefined ? null : elementOf(root)
    return element === null ? invalid('it has no root element') : { kind: 'root', root: element }
  } catch {
    return invalid('it is no XML')
  }
}

/** Made when the first document comes, and kept: it holds nothing of a document. */
let parser: XMLParser | undefined

/** No name of XML begins with it: so no element is taken for text, or for a name that the library refuses. */
const ELEMENT = '.'
const ATTRIBUTE = '@'
const TEXT = '#text'
const CDATA = '#cdata'

/** The library finds elements; values, entities and names are ours, so that nothing of them is guessed or changed. */
function makeParser(): XMLParser {
  return new XMLParser({
    preserveOrder: true,
    attributeNamePrefix: ATTRIBUTE,
    textNodeName: TEXT,
    cdataPropName: CDATA,
    ignoreAttributes: false,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    jPath: false,
    maxNestedTags: MAX_DEPTH,
    // Called twice for an element without end tag.
    transformTagName: (name) => (name.startsWith(ELEMENT) ? name : ELEMENT + name),
  })
}

/** One key is the name and leads to what is inside, ":@" leads to the attributes. */
type Parsed = Readonly<Record<string, unknown>>

function elementOf(parsed: Parsed): XmlElement | null {
  const key = Object.keys(parsed).find((name) => name.startsWith(ELEMENT))
  if (key === undefined) return null
  const inside = parsed[key] as readonly Parsed[]
  const children: (XmlElement | string)[] = []
  for (const child of inside) {
    const found = childOf(child)
    if (found !== null) children.push(found)
  }
  return { name: key.slice(ELEMENT.length), attributes: attributesOf(parsed[':@']), children }
}

function childOf(child: Parsed): XmlElement | string | null {
  const text = child[TEXT]
  if (typeof text === 'string') return withoutReferences(text)
  const cdata = child[CDATA] as readonly Parsed[] | undefined
  if (cdata === undefined) return elementOf(child)
  const raw = cdata[0]?.[TEXT]
  return typeof raw === 'string' ? raw : ''
}

const none: ReadonlyMap<string, string> = new Map()

function attributesOf(parsed: unknown): ReadonlyMap<string, string> {
  if (parsed === undefined) return none
  const attributes = new Map<string, string>()
  for (const [key, value] of Object.entries(parsed as Readonly<Record<string, string>>)) {
    // Blanks in an attribute as written are spaces (XML 1.0 §3.3.3); those by reference stay what they are.
    attributes.set(key.slice(ATTRIBUTE.length), withoutReferences(value.replace(/[\t\n\r]/g, ' ')))
  }
  return attributes
}

const predefined: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

/** Puts characters in the place of references, each once: what they make is not read again. */
function withoutReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|([a-z]+));/g, (_, hex, decimal, name) => {
    if (name !== undefined) return predefined[name] ?? ''
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
  })
}
