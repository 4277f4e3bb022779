/** Names the type of a value as the reference pages print it. */
import type { JsonSchema } from './json-schema.ts'

/** `integer`, `list of text`, `"keep" or "merge"`: short, and without the variable that may stand for any text. */
export function typeOf(schema: JsonSchema): string {
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) return typeOfUnion(alternatives)
  // What refers to itself: JSON of any depth, and conditions within `not`.
  if (schema.$ref !== undefined) return 'value'
  if (schema.const !== undefined) return code(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(code).join(' or ')
  switch (schema.type) {
    case 'string':
      return 'text'
    case 'boolean':
      return 'true or false'
    case 'integer':
    case 'number':
      return typeOfNumber(schema)
    case 'array':
      return `list of ${typeOf(schema.items ?? {})}`
    case 'object':
      return typeOfObject(schema)
    default:
      return schema.type ?? 'any JSON'
  }
}

/** Whether the object stands for `{ "var": "NAME" }`, which every text may be. */
export function isVariable({ properties }: JsonSchema): boolean {
  return properties?.var !== undefined && Object.keys(properties).length === 1
}

const code = (value: unknown) => `\`${JSON.stringify(value)}\``

function typeOfUnion(alternatives: readonly JsonSchema[]): string {
  const names = alternatives.filter((schema) => !isVariable(schema)).map(typeOf)
  return [...new Set(names)].join(' or ')
}

function typeOfNumber({ type, minimum, maximum }: JsonSchema): string {
  if (minimum === undefined || maximum === undefined) return type ?? 'number'
  return `${type}, ${minimum} to ${maximum}`
}

function typeOfObject({ properties, additionalProperties }: JsonSchema): string {
  if (properties === undefined && typeof additionalProperties === 'object') {
    return `map of name to ${typeOf(additionalProperties)}`
  }
  const known = Object.keys(properties ?? {})
  if (known.includes('secret')) return '`{ "secret" }`'
  if (known.includes('hosts') && known.includes('bodyLimitBytes')) return '[match](routes.md#match)'
  if (known.includes('use')) return '[policy](policies.md)'
  if (known.includes('targets')) return '[upstream](routes.md#upstreams)'
  const only = known.filter((key) => key !== 'description')
  return only.length === 1 ? `\`{ "${only[0]}" }\`` : 'object'
}
