/**
 * SOAP 1.1 (https://www.w3.org/TR/soap11) and 1.2 (https://www.w3.org/TR/soap12-part1): puts a value into an envelope,
 * and takes out of one what its Body holds, or its fault. Headers of an answer are not read, and references within a
 * message (1.1 §5) not followed. Pure.
 */
import { type Decoded, type Invalid, invalid } from './format.ts'
import { isObject } from './json-object.ts'
import type { SoapOptions, XmlOptions } from './schema.ts'
import { decodeXml } from './xml/encoding.ts'
import { splitName } from './xml/names.ts'
import { planXml, type XmlPlan } from './xml/options.ts'
import { type Scope, scopeWithin, topScope, valueOfContent, valueOfElement } from './xml/read.ts'
import { parseXml, type XmlElement } from './xml/tree.ts'
import { XML_DECLARATION, XmlWriter } from './xml/write.ts'

export type SoapVersion = SoapOptions['version']

const namespaces: Readonly<Record<SoapVersion, string>> = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
}

export interface Envelope {
  readonly kind: 'envelope'
  readonly text: string
  readonly contentType: string
  /** The value of SOAPAction, which only 1.1 has; null where the field is to be absent. */
  readonly soapAction: string | null
}

/** The envelope of a value, and the fields that go with it. */
export function writeSoap(
  value: unknown,
  options: SoapOptions,
  xml: XmlOptions | undefined,
): Envelope | Invalid {
  const plan = planXml(xml)
  const writer = new XmlWriter(plan)
  if (plan.declares) writer.raw(XML_DECLARATION)
  writer.raw(`<soap:Envelope xmlns:soap="${namespaces[options.version]}">`)
  if (options.header !== undefined) {
    writer.raw('<soap:Header>')
    const problem = writer.elements(options.header, 3)
    if (problem !== null) return invalid(`in Header: ${problem}`)
    writer.raw('</soap:Header>')
  }
  writer.raw('<soap:Body>')
  const problem = writeContent(writer, value, options, plan)
  if (problem !== null) return invalid(`in Body: ${problem}`)
  writer.raw('</soap:Body></soap:Envelope>')
  return { kind: 'envelope', text: writer.text(), ...fieldsOf(options) }
}

/** What is wrong, or null. */
function writeContent(
  writer: XmlWriter,
  value: unknown,
  { operation, namespace, qualified = true }: SoapOptions,
  plan: XmlPlan,
): string | null {
  if (operation === undefined) {
    if (!isObject(value)) return 'the value is no object, and there is no operation to hold it'
    return writer.elements(value, 3)
  }
  if (namespace === undefined) return writer.element(operation, value, 3)
  // A default namespace holds for what is inside as well, a prefix only for the operation itself.
  const [own] = splitName(operation)
  const prefix = own === '' && !qualified ? 'm' : own
  const name = own === prefix ? operation : `${prefix}:${operation}`
  const declaration = prefix === '' ? 'xmlns' : `xmlns:${prefix}`
  const inside = isObject(value)
    ? value
    : Array.isArray(value)
      ? { item: value as unknown }
      : { [plan.textKey]: value }
  return writer.element(name, { [plan.attributePrefix + declaration]: namespace, ...inside }, 3)
}

function fieldsOf({ version, action }: SoapOptions): Pick<Envelope, 'contentType' | 'soapAction'> {
  if (version === '1.1') {
    // Required, be it empty (1.1 §6.1.1).
    return { contentType: 'text/xml; charset=utf-8', soapAction: `"${action ?? ''}"` }
  }
  const parameter = action === undefined ? '' : `; action="${action}"`
  return { contentType: `application/soap+xml; charset=utf-8${parameter}`, soapAction: null }
}

export interface SoapFault {
  readonly kind: 'fault'
  readonly version: SoapVersion
  /** Without its prefix, such as `Client` (1.1) or `Sender` (1.2). */
  readonly faultCode: string
  readonly faultString: string
  /** What the detail holds, as a value; null where there is none. */
  readonly detail: unknown
}

/** The elements in the Body by name, or the fault. Prefixes are left out unless `xml.namespaces` is `keep`. */
export function readSoap(
  bytes: ArrayBuffer,
  {
    charset = null,
    xml,
  }: { readonly charset?: string | null; readonly xml?: XmlOptions | undefined },
): Decoded | SoapFault {
  const text = decodeXml(bytes, charset)
  if (text === null) return invalid('it is no text in its character set')
  const parsed = parseXml(text)
  if (parsed.kind === 'invalid') return parsed
  const plan = { ...planXml(xml), strips: xml?.namespaces !== 'keep' }
  const envelope = placed(parsed.root, topScope)
  const version = versions.get(envelope.namespace ?? '')
  if (envelope.local !== 'Envelope' || version === undefined) return invalid('it is no envelope')
  const bodies = childrenOf(envelope).filter((child) => is(child, 'Body', envelope))
  const [body] = bodies
  if (body === undefined || bodies.length > 1) return invalid('the envelope has not one Body')
  const content = childrenOf(body)
  const fault = content.find((child) => is(child, 'Fault', envelope))
  if (fault !== undefined) return readFault(fault, version, plan)
  return valueOfContent(
    content.map(({ element }) => element),
    plan,
    body.scope,
  )
}

const versions: ReadonlyMap<string, SoapVersion> = new Map([
  [namespaces['1.1'], '1.1'],
  [namespaces['1.2'], '1.2'],
])

/** An element and what its name means where it stands. */
interface Placed {
  readonly element: XmlElement
  readonly local: string
  /** Undefined where its prefix was never declared. */
  readonly namespace: string | undefined
  /** Within it. */
  readonly scope: Scope
  readonly around: Scope
}

function placed(element: XmlElement, around: Scope): Placed {
  const scope = scopeWithin(element, around)
  const [prefix, local] = splitName(element.name)
  return { element, local, namespace: scope.namespaceOf.get(prefix), scope, around }
}

function childrenOf({ element, scope }: Placed): Placed[] {
  const children: Placed[] = []
  for (const child of element.children) {
    if (typeof child !== 'string') children.push(placed(child, scope))
  }
  return children
}

function is(child: Placed, local: string, envelope: Placed): boolean {
  return child.local === local && child.namespace === envelope.namespace
}

/** Parts of a fault have no namespace in 1.1 (§4.4), and that of the envelope in 1.2 (§5.4); their names tell them apart. */
function readFault(fault: Placed, version: SoapVersion, plan: XmlPlan): SoapFault | Invalid {
  const parts = childrenOf(fault)
  const part = (local: string) => parts.find((child) => child.local === local)
  const isOld = version === '1.1'
  const code = isOld ? part('faultcode') : inside(part('Code'), 'Value')
  const reason = isOld ? part('faultstring') : englishIn(part('Reason'))
  const detail = part(isOld ? 'detail' : 'Detail')
  const read = detail && valueOfElement(detail.element, plan, detail.around)
  if (read?.kind === 'invalid') return read
  const [, local] = splitName(textOf(code))
  return {
    kind: 'fault',
    version,
    faultCode: local,
    faultString: textOf(reason),
    detail: read?.value ?? null,
  }
}

function inside(parent: Placed | undefined, local: string): Placed | undefined {
  return parent && childrenOf(parent).find((child) => child.local === local)
}

/** A reason may be told in several languages (1.2 §5.4.2). */
function englishIn(reason: Placed | undefined): Placed | undefined {
  const texts = reason === undefined ? [] : childrenOf(reason)
  return (
    texts.find(({ element }) => /^en\b/i.test(element.attributes.get('xml:lang') ?? '')) ?? texts[0]
  )
}

function textOf(part: Placed | undefined): string {
  if (part === undefined) return ''
  return part.element.children
    .filter((child) => typeof child === 'string')
    .join('')
    .trim()
}
