/**
 * A document of XML as a value: `{ "<root>": … }`, attributes under "@name", text beside other things under "#text",
 * elements of one name as a list. Pure.
 */
import { type Decoded, type Invalid, invalid, put } from '../format.ts'
import type { XmlOptions } from '../schema.ts'
import { splitName } from './names.ts'
import { type Lists, planXml, type XmlPlan } from './options.ts'
import { parseXml, type XmlElement } from './tree.ts'

export function readXml(text: string, options: XmlOptions | undefined): Decoded {
  const parsed = parseXml(text)
  if (parsed.kind === 'invalid') return parsed
  return valueOfContent([parsed.root], planXml(options), topScope)
}

/** Which namespace a prefix stands for; the empty prefix is the default namespace. */
export interface Scope {
  readonly namespaceOf: ReadonlyMap<string, string>
}

/** `xml` is bound to its namespace without saying so (Namespaces in XML §3). */
export const topScope: Scope = {
  namespaceOf: new Map([
    ['', ''],
    ['xml', 'http://www.w3.org/XML/1998/namespace'],
  ]),
}

/** The scope within an element: that around it, unless the element declares namespaces. */
export function scopeWithin(element: XmlElement, around: Scope): Scope {
  let inner: Map<string, string> | null = null
  for (const [name, value] of element.attributes) {
    const prefix = declaredPrefix(name)
    if (prefix === null) continue
    inner ??= new Map(around.namespaceOf)
    inner.set(prefix, value)
  }
  return inner === null ? around : { namespaceOf: inner }
}

/** The prefix that an attribute declares, or null where it declares none. */
function declaredPrefix(attribute: string): string | null {
  if (attribute === 'xmlns') return ''
  return attribute.startsWith('xmlns:') ? attribute.slice(6) : null
}

/** The elements as the fields of an object, which is what their parent is. */
export function valueOfContent(
  elements: readonly XmlElement[],
  plan: XmlPlan,
  scope: Scope,
): Decoded {
  const fields: Record<string, unknown> = {}
  const reader = new Reader(plan)
  const problem = reader.addElements(fields, elements, plan.lists, scope)
  return problem ?? { kind: 'value', value: fields }
}

/** What is inside of one element. */
export function valueOfElement(element: XmlElement, plan: XmlPlan, around: Scope): Decoded {
  const reader = new Reader(plan)
  const value = reader.read(element, undefined, around)
  return reader.problem ?? { kind: 'value', value }
}

class Reader {
  readonly #plan: XmlPlan
  problem: Invalid | null = null

  constructor(plan: XmlPlan) {
    this.#plan = plan
  }

  read(element: XmlElement, lists: Lists | undefined, around: Scope): unknown {
    const scope = this.#plan.strips ? scopeWithin(element, around) : around
    const fields: Record<string, unknown> = {}
    let isBare = !this.#addAttributes(fields, element, scope)
    const elements: XmlElement[] = []
    let text = ''
    for (const child of element.children) {
      if (typeof child === 'string') text += child
      else elements.push(child)
    }
    if (elements.length > 0) {
      isBare = false
      this.addElements(fields, elements, lists, scope)
      // Blanks between elements are there for the eye.
      if (!/[^ \t\r\n]/.test(text)) text = ''
    }
    if (isBare) return this.#valueOf(text)
    if (text !== '') put(fields, this.#plan.textKey, this.#valueOf(text))
    return fields
  }

  addElements(
    fields: Record<string, unknown>,
    elements: readonly XmlElement[],
    lists: Lists | undefined,
    scope: Scope,
  ): Invalid | null {
    // Whose namespace a name was first seen with, where names are stripped.
    const namespaces = this.#plan.strips ? new Map<string, string>() : null
    for (const element of elements) {
      const name = namespaces === null ? element.name : this.#strip(element, namespaces, scope)
      if (this.problem !== null) return this.problem
      const inner = lists?.inside.get(name)
      const value = this.read(element, inner, scope)
      if (!Object.hasOwn(fields, name)) put(fields, name, inner?.isList === true ? [value] : value)
      else {
        const there = fields[name]
        // An element is never a list by itself, so that a list is always one that stands here already.
        if (Array.isArray(there)) there.push(value)
        else put(fields, name, [there, value])
      }
    }
    return this.problem
  }

  #strip(element: XmlElement, namespaces: Map<string, string>, around: Scope): string {
    const [prefix, local] = splitName(element.name)
    const namespace = scopeWithin(element, around).namespaceOf.get(prefix)
    if (namespace === undefined) this.#fail(`the prefix "${prefix}" stands for no namespace`)
    else this.#claim(namespaces, local, namespace)
    return local
  }

  /** Adds the attributes; whether there are any. */
  #addAttributes(fields: Record<string, unknown>, element: XmlElement, scope: Scope): boolean {
    if (element.attributes.size === 0) return false
    const namespaces = new Map<string, string>()
    let count = 0
    for (const [name, value] of element.attributes) {
      let key = name
      if (this.#plan.strips) {
        if (declaredPrefix(name) !== null) continue
        const [prefix, local] = splitName(name)
        // An attribute without a prefix is in no namespace, whatever the default one is (§6.2).
        const namespace = prefix === '' ? '' : scope.namespaceOf.get(prefix)
        if (namespace === undefined) this.#fail(`the prefix "${prefix}" stands for no namespace`)
        else this.#claim(namespaces, local, namespace)
        key = local
      }
      count++
      put(fields, this.#plan.attributePrefix + key, this.#valueOf(value))
    }
    return count > 0
  }

  /** Two things of one name and two namespaces are two things: they are refused, and never one list. */
  #claim(namespaces: Map<string, string>, local: string, namespace: string): void {
    const before = namespaces.get(local)
    if (before === undefined) namespaces.set(local, namespace)
    else if (before !== namespace) this.#fail(`"${local}" stands there in two namespaces`)
  }

  #valueOf(text: string): unknown {
    if (!this.#plan.parsesValues) return text
    if (text === 'true') return true
    if (text === 'false') return false
    // A number whose text JSON would write the same: "007", "1.0" and what has more digits than a number are text.
    if (/^-?[0-9]/.test(text) && text.length < 25 && String(Number(text)) === text)
      return Number(text)
    return text
  }

  #fail(reason: string): void {
    this.problem ??= invalid(reason)
  }
}
