/** The options of XML, made ready once for each object of options in a table. */
import type { XmlOptions } from '../schema.ts'

/** Where lists are, as a tree of names. */
export interface Lists {
  readonly isList: boolean
  readonly inside: ReadonlyMap<string, Lists>
}

export interface XmlPlan {
  readonly root: string | false
  readonly attributePrefix: string
  readonly textKey: string
  readonly lists: Lists
  readonly strips: boolean
  readonly declares: boolean
  readonly parsesValues: boolean
}

/** By the object of options, which the table holds: gone with it. */
const plans = new WeakMap<XmlOptions, XmlPlan>()
const usual: XmlOptions = {}

export function planXml(options: XmlOptions = usual): XmlPlan {
  const known = plans.get(options)
  if (known !== undefined) return known
  const plan = makePlan(options)
  plans.set(options, plan)
  return plan
}

function makePlan(options: XmlOptions): XmlPlan {
  return {
    root: options.root ?? 'root',
    attributePrefix: options.attributePrefix ?? '@',
    textKey: options.textKey ?? '#text',
    lists: listsOf(options.arrays ?? []),
    strips: options.namespaces === 'strip',
    declares: options.declaration ?? true,
    parsesValues: options.parseValues ?? false,
  }
}

interface Growing extends Lists {
  isList: boolean
  readonly inside: Map<string, Growing>
}

function listsOf(paths: readonly string[]): Lists {
  const root: Growing = { isList: false, inside: new Map() }
  for (const path of paths) {
    let at = root
    for (const name of splitPath(path)) {
      const next = at.inside.get(name) ?? { isList: false, inside: new Map() }
      at.inside.set(name, next)
      at = next
    }
    at.isList = true
  }
  return root
}

/** The names of a dotted path; a backslash takes the meaning from a dot. */
export function splitPath(path: string): string[] {
  const names = path.match(/(?:[^.\\]|\\.)+/g) ?? []
  return names.map((name) => name.replace(/\\(.)/g, '$1'))
}
