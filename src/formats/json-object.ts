/** Objects of JSON: names are data, `__proto__` and `constructor` too. Pure. */

export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a value that came as JSON is an object, not a list and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
