/** From a schema of src to JSON Schema (draft 2020-12), for editors and for the reference pages. */
import * as z from 'zod/mini'

export interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly propertyNames?: JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
}

/** Schemas that become `$defs` under a name, by that name. */
export type Named = Readonly<Record<string, z.core.$ZodType>>

/** What a document may hold, as an editor understands it. Without names everything stands in its place. */
export function toJsonSchema(schema: z.core.$ZodType, named: Named = {}) {
  const ids = new Map(Object.entries(named).map(([id, part]) => [part, id]))
  // Names beside the descriptions, which schemas keep in zod's own registry.
  const metadata = Object.assign(z.registry<z.core.GlobalMeta>(), {
    get(part: z.core.$ZodType) {
      const id = ids.get(part)
      return { ...z.globalRegistry.get(part), ...(id !== undefined && { id }) }
    },
  })
  return z.toJSONSchema(schema, {
    io: 'input',
    reused: 'inline',
    metadata,
    // Rules in code have no form in JSON Schema: `isogate validate` tells them.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => allowNotes(jsonSchema),
  }) as JsonSchema & Record<string, unknown>
}

/** On every object `description` and keys that start with `x-` are allowed, and no other (ROUTES.md §1). */
function allowNotes(schema: z.core.JSONSchema.BaseSchema) {
  const isClosed = schema.additionalProperties === false
  if (schema.type !== 'object' || schema.properties === undefined || isClosed) return
  schema.properties = { ...schema.properties, description: schema.properties.description ?? {} }
  schema.patternProperties = { '^x-': {} }
  schema.additionalProperties = false
}
