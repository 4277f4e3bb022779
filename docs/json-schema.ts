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

/** What a document may hold, as an editor understands it; parts that are used often become `$defs`. */
export function toJsonSchema(schema: z.ZodMiniType, options: { readonly inline: boolean }) {
  return z.toJSONSchema(schema, {
    io: 'input',
    reused: options.inline ? 'inline' : 'ref',
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
