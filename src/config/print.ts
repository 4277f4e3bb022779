/** Writes a table as the document it was read from; comments are gone. */
import { VariableRef } from '../schema/variable-ref.ts'
import type { RouteTable } from './schema.ts'

/** The table as JSON text, two spaces deep, ending with a line feed. */
export function printTable(table: RouteTable): string {
  return `${JSON.stringify(table, printVariable, 2)}\n`
}

function printVariable(_key: string, value: unknown): unknown {
  return value instanceof VariableRef ? { var: value.name } : value
}
