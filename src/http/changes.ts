/**
 * Changes to named values: header fields and query parameters. Always in this order: remove, rename, set, add.
 * So a name can be taken away from what came in and then be written anew, and `add` adds to what is left.
 */

export type Change<Value> =
  | { readonly kind: 'remove'; readonly name: string }
  /** What stood under the new name is replaced, where there is something to rename. */
  | { readonly kind: 'rename'; readonly name: string; readonly to: string }
  | { readonly kind: 'set'; readonly name: string; readonly value: Value }
  | { readonly kind: 'add'; readonly name: string; readonly value: Value }

/** The four keys as a table has them. */
export interface WrittenChanges<Value> {
  readonly remove?: readonly string[] | undefined
  readonly rename?: Readonly<Record<string, string>> | undefined
  readonly set?: Readonly<Record<string, Value>> | undefined
  readonly add?: Readonly<Record<string, Value>> | undefined
}

/** The changes in the order in which they are made. */
export function orderChanges<Value>(written: WrittenChanges<Value>): readonly Change<Value>[] {
  const { remove = [], rename = {}, set = {}, add = {} } = written
  return [
    ...remove.map((name) => ({ kind: 'remove', name }) as const),
    ...Object.entries(rename).map(([name, to]) => ({ kind: 'rename', name, to }) as const),
    ...Object.entries(set).map(([name, value]) => ({ kind: 'set', name, value }) as const),
    ...Object.entries(add).map(([name, value]) => ({ kind: 'add', name, value }) as const),
  ]
}
