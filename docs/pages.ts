/** The pages of docs/reference: what the schema and the catalogue say, as Markdown. */
import type * as z from 'zod/mini'
import * as config from '../src/config/schema.ts'
import { type Code, catalogue, slugOf } from '../src/errors/catalogue.ts'
import { matchSchema, valueCondition } from '../src/match/schema.ts'
import { stages } from '../src/pipeline/order.ts'
import { registry } from '../src/policies/registry.ts'
import { schemas } from '../src/policies/schemas.ts'
import { callSchema } from '../src/upstreams/aggregate/call-schema.ts'
import { aggregateSchema } from '../src/upstreams/aggregate/schema.ts'
import { upstreamSchema } from '../src/upstreams/http/schema.ts'
import { redirectSchema } from '../src/upstreams/redirect/schema.ts'
import { respondSchema } from '../src/upstreams/respond/schema.ts'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'
import { isVariable, typeOf } from './types.ts'

const rendered = '<!-- Rendered by docs/render.ts from the source. Change it there. -->'

/** docs/reference/routes.md */
export function routesPage(): string {
  const objects: [string, z.ZodMiniType][] = [
    ['document', config.tableSchema],
    ['clientIp', config.clientIpSchema],
    ['paths', config.pathsSchema],
    ['defaults', config.defaultsSchema],
    ['routes', config.routeSchema],
    ['match', matchSchema],
    ['upstreams', upstreamSchema],
    ['redirect', redirectSchema],
    ['respond', respondSchema],
    ['aggregate', aggregateSchema],
    ['aggregate.calls', callSchema],
  ]
  const names = objects.map(([name]) => name)
  const sections = objects.map(
    ([name, schema]) => `## ${name}\n\n${keyTable(schema, { sections: names })}`,
  )
  return page('routes.json', [
    'Every key of the document. Any object may also have a `description` and keys that start with `x-`: they are ignored. Any other unknown key is a problem. Where text may stand, `{ "var": "NAME" }` stands for the value of a variable of the Worker.',
    ...sections,
    `## conditions\n\nA value of \`headers\`, \`query\` or \`body\` is text (exact), one of these, or a list of which one must hold.\n\n${conditionTable()}`,
  ])
}

function conditionTable(): string {
  const root = toJsonSchema(valueCondition)
  const tests = (root.anyOf ?? []).flatMap((one) => one.anyOf ?? [one])
  const rows = tests
    .filter((test) => test.properties !== undefined && !isVariable(test))
    .flatMap((test) => Object.entries(test.properties ?? {}))
    .filter(([key]) => key !== 'description')
    .map(
      ([key, test]) => `| \`{ "${key}" }\` | ${typeOf(test)} | ${cell(test.description ?? '')} |`,
    )
  return `| condition | type | |\n| --- | --- | --- |\n${rows.join('\n')}`
}

/** docs/reference/policies.md */
export function policiesPage(): string {
  const definitions = Object.values(registry)
  const common = Object.keys(propertiesOf(schemas.log)).slice(0, COMMON_KEYS)
  const ordered = stages.flatMap((stage) => definitions.filter((one) => one.stage === stage))
  const overview = ordered.map(
    ({ use, stage, arity, summary }) =>
      `| [\`${use}\`](#${use}) | ${stage} | ${arity} | ${cell(summary)} |`,
  )
  const sections = ordered.map(
    ({ use, stage, arity, summary }) =>
      `## ${use}\n\n${summary} Stage \`${stage}\`, \`${arity}\`.\n\n${keyTable(config.policySchemas[use as keyof typeof registry], { leave: common })}`,
  )
  return page('Policies', [
    'In the order in which they run. Of a `one` the last in defaults ▸ set ▸ route wins whole; of a `many` all run.',
    `| policy | stage | arity | |\n| --- | --- | --- | --- |\n${overview.join('\n')}`,
    `## Every policy\n\n${keyTable(schemas.log, { only: common }).replace('`"log"`', 'text')}`,
    ...sections,
  ])
}

const COMMON_KEYS = 4 // `use`, `mode`, `name`, `when`: src/policies/schema.ts puts them first.

/** docs/reference/errors.md */
export function errorsPage(): string {
  const codes = (Object.keys(catalogue) as Code[]).sort(
    (a, b) => catalogue[a].status - catalogue[b].status || (a < b ? -1 : 1),
  )
  const rows = codes.map((code) => {
    const { status, fault, title, advice } = catalogue[code]
    return `| ${status} | <a id="${slugOf(code)}"></a>\`${code}\` | ${fault} | ${cell(`${title} ${advice}`)} |`
  })
  return page('Errors', [
    'Every code of a problem (RFC 9457), whose move it is, and what to do. The gateway serves the same under `/_gateway/problems/<code in kebab-case>`.',
    `| status | code | whose | |\n| --- | --- | --- | --- |\n${rows.join('\n')}`,
  ])
}

function page(title: string, parts: readonly string[]): string {
  return `${rendered}\n\n# ${title}\n\n${parts.join('\n\n')}\n`
}

function propertiesOf(schema: z.ZodMiniType): Readonly<Record<string, JsonSchema>> {
  return toJsonSchema(schema).properties ?? {}
}

interface KeyChoice {
  /** Keys that have a section of their own on this page: named, not unfolded. */
  readonly sections?: readonly string[]
  readonly leave?: readonly string[]
  readonly only?: readonly string[]
}

/** One row a key; the keys of inner objects stand below their owner. */
function keyTable(schema: z.ZodMiniType, { sections = [], leave = [], only }: KeyChoice): string {
  const root = toJsonSchema(schema)
  const rows = Object.keys(root.properties ?? {})
    .filter((key) => key !== 'description' && !leave.includes(key) && (only?.includes(key) ?? true))
    .flatMap((key) => {
      const rows = rowsOf(root, key, '')
      return sections.includes(key)
        ? [rows[0]!.replace('object', `[object](#${key.toLowerCase()})`)]
        : rows
    })
  if (rows.length === 0) return 'No keys of its own.'
  return `| key | type | |\n| --- | --- | --- |\n${rows.join('\n')}`
}

function rowsOf(owner: JsonSchema, key: string, prefix: string): string[] {
  const schema = owner.properties?.[key] ?? {}
  const needed = owner.required?.includes(key) ? ', needed' : ''
  const name = `${prefix}${key}`
  const row = `| \`${name}\` | ${cell(typeOf(schema) + needed)} | ${cell(schema.description ?? '')} |`
  const inner = innerObjects(schema, name).flatMap(([at, one]) =>
    Object.keys(one.properties ?? {})
      .filter((key) => key !== 'description')
      .flatMap((key) => rowsOf(one, key, at)),
  )
  return [row, ...inner]
}

/** Objects inside that have no section of their own, with the prefix of their keys. */
function innerObjects(schema: JsonSchema, prefix: string): [string, JsonSchema][] {
  const alternatives = schema.anyOf ?? schema.oneOf ?? [schema]
  return alternatives.flatMap((one): [string, JsonSchema][] => {
    if (one.type === 'array') return innerObjects(one.items ?? {}, `${prefix}[]`)
    const isPlain = one.type === 'object' && one.properties !== undefined
    return isPlain && !isVariable(one) && typeOf(one) === 'object' ? [[`${prefix}.`, one]] : []
  })
}

const cell = (text: string) => text.replaceAll('|', '\\|')
