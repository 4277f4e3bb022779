/**
 * A value as a document of XML. Lists repeat their element, null is an empty element, undefined is left out. What is no
 * name of XML, and text that XML cannot carry, is refused with its place: nothing is renamed or dropped in silence.
 */

import { type Encoded, invalid, MAX_DEPTH } from '../format.ts'
import { isObject } from '../json-object.ts'
import type { XmlOptions } from '../schema.ts'
import { isXmlName, isXmlText } from './names.ts'
import { planXml, type XmlPlan } from './options.ts'

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
/** The name of the elements of a list that has no name of its own: the value itself, or a list in a list. */
const ITEM = 'item'

export function writeXml(value: unknown, options: XmlOptions | undefined): Encoded {
  const plan = planXml(options)
  const root = rootOf(value, plan)
  if (root === null) return invalid('the value has not exactly one key, which would be the root')
  const writer = new XmlWriter(plan)
  const problem = writer.element(root.name, root.value, 1)
  if (problem !== null) return invalid(problem)
  return { kind: 'bytes', bytes: (plan.declares ? XML_DECLARATION : '') + writer.text() }
}

function rootOf(value: unknown, plan: XmlPlan): { name: string; value: unknown } | null {
  if (plan.root !== false) return { name: plan.root, value: wrapped(value) }
  if (!isObject(value)) return null
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  const [name] = keys
  if (name === undefined || keys.length > 1) return null
  return { name, value: wrapped(value[name]) }
}

/** A root stands once: a list in its place becomes elements in it. */
function wrapped(value: unknown): unknown {
  return Array.isArray(value) ? { [ITEM]: value } : value
}

/** Each method gives what is wrong, place first, or null. */
export class XmlWriter {
  readonly #pieces: string[] = []
  readonly #plan: XmlPlan

  constructor(plan: XmlPlan) {
    this.#plan = plan
  }

  text(): string {
    return this.#pieces.join('')
  }

  /** Markup that is right already. */
  raw(markup: string): void {
    this.#pieces.push(markup)
  }

  /** One element. `depth` counts from 1 at the root. */
  element(name: string, value: unknown, depth: number): string | null {
    if (depth > MAX_DEPTH) return `it is nested more than ${MAX_DEPTH} levels deep`
    if (!isXmlName(name)) return `${quoted(name)} is no name of XML`
    const problem = Array.isArray(value)
      ? this.#fieldsIn(name, { [ITEM]: value }, depth)
      : isObject(value)
        ? this.#fieldsIn(name, value, depth)
        : this.#leaf(name, value)
    return problem === null ? null : `in ${name}: ${problem}`
  }

  /** All keys of an object as elements, a list as one element for each member. */
  elements(fields: Readonly<Record<string, unknown>>, depth: number): string | null {
    for (const key of Object.keys(fields)) {
      if (key === this.#plan.textKey || key.startsWith(this.#plan.attributePrefix)) continue
      const problem = this.#repeated(key, fields[key], depth)
      if (problem !== null) return problem
    }
    return null
  }

  #repeated(name: string, value: unknown, depth: number): string | null {
    if (value === undefined) return null
    if (!Array.isArray(value)) return this.element(name, value, depth)
    for (const member of value) {
      const problem = this.element(name, member, depth)
      if (problem !== null) return problem
    }
    return null
  }

  #leaf(name: string, value: unknown): string | null {
    const text = textOf(value)
    if (text === null) return 'the value is none that XML can carry'
    this.raw(text === '' ? `<${name}/>` : `<${name}>${escapeText(text)}</${name}>`)
    return null
  }

  #fieldsIn(name: string, fields: Readonly<Record<string, unknown>>, depth: number): string | null {
    this.raw(`<${name}`)
    const wrong = this.#attributes(fields)
    if (wrong !== null) return wrong
    const start = this.#pieces.push('>')
    const { textKey } = this.#plan
    if (Object.hasOwn(fields, textKey)) {
      const text = textOf(fields[textKey])
      if (text === null) return `${quoted(textKey)} is no text that XML can carry`
      if (text !== '') this.raw(escapeText(text))
    }
    const problem = this.elements(fields, depth + 1)
    if (problem !== null) return problem
    if (this.#pieces.length === start) this.#pieces[start - 1] = '/>'
    else this.raw(`</${name}>`)
    return null
  }

  #attributes(fields: Readonly<Record<string, unknown>>): string | null {
    const { attributePrefix } = this.#plan
    for (const key of Object.keys(fields)) {
      if (!key.startsWith(attributePrefix)) continue
      const value = fields[key]
      // An attribute has no empty form that is not the empty text.
      if (value === null || value === undefined) continue
      const name = key.slice(attributePrefix.length)
      if (!isXmlName(name)) return `${quoted(key)} is no name of an attribute`
      const text = textOf(value)
      if (text === null) return `${quoted(key)} is no text that XML can carry`
      this.raw(` ${name}="${escapeAttribute(text)}"`)
    }
    return null
  }
}

/** The text of a value that has no parts, null where XML cannot carry it. Numbers as JSON has them. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ''
  return typeof value === 'string' && isXmlText(value) ? value : null
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  // A parser reads a carriage return as written for a line feed (XML 1.0 §2.11).
  '\r': '&#13;',
}

function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (sign) => escapes[sign] ?? '')
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (sign) => escapes[sign] ?? '')
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name)
}
