/** Finds the procedure of a request by the `google.api.http` rules of a set of descriptors. Pure. */
import type { HttpRule } from '../../rpc/http-rule-core.ts'
import type { OutlineMethod, OutlineService } from '../../rpc/outline-core.ts'
import {
  compareTemplates,
  matchPath,
  type PathTemplate,
  type PathValues,
  parsePathTemplate,
  splitPath,
} from './path-template-core.ts'

export interface RoutedCall {
  readonly service: string
  readonly method: OutlineMethod
  readonly rule: HttpRule
  readonly values: PathValues
}

export interface RpcRouter {
  /** Null where no rule is for this method and path. The path is normalized and encoded. */
  find(method: string, path: string): RoutedCall | null
}

interface Entry {
  readonly template: PathTemplate
  readonly service: string
  readonly method: OutlineMethod
  readonly rule: HttpRule
}

/** By the method and the first literal segment: most rules are never looked at. */
export function buildRouter(services: readonly OutlineService[]): RpcRouter {
  const entries = services.flatMap(entriesOf)
  entries.sort((a, b) => compareTemplates(a.template, b.template))
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const key = keyOf(entry.rule.method, firstOf(entry.template))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  }
  return {
    find(method, path) {
      const split = splitPath(path)
      // The plain text of the segment: a literal that needs encoding is found in the group of the others.
      const first =
        split.segments.length === 1 ? (split.verb?.last ?? split.segments[0]) : split.segments[0]
      const asked = method === 'HEAD' ? 'GET' : method
      // Six groups at most.
      for (const name of [asked, '*']) {
        for (const head of [first ?? null, split.segments[0] ?? null, null]) {
          for (const { template, ...entry } of groups.get(keyOf(name, head)) ?? []) {
            const values = matchPath(template, split)
            if (values !== null) return { ...entry, values }
          }
        }
      }
      return null
    },
  }
}

/** A NUL is in no segment. */
function keyOf(method: string, first: string | null): string {
  return `${method}\0${first ?? '\0'}`
}

function firstOf({ segments }: PathTemplate): string | null {
  const [first] = segments
  // What may be written in several ways is compared decoded, among the others.
  return first?.kind === 'literal' && /^[A-Za-z0-9._~-]+$/.test(first.text) ? first.text : null
}

/** What streams from the client has no form over plain HTTP; a template that is none answers nothing. */
function entriesOf(service: OutlineService): readonly Entry[] {
  return service.methods
    .filter(({ isClientStreaming }) => !isClientStreaming)
    .flatMap((method) =>
      method.rules.flatMap((rule) => {
        const template = parsePathTemplate(rule.path)
        return template === null ? [] : [{ template, service: service.name, method, rule }]
      }),
    )
}
