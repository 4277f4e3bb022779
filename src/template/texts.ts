/** The strings of a JSON value, where each of them is a template. Pure. */

/** Every string in a JSON value; nothing is deeper than the document. */
export function eachText(
  value: unknown,
  path: readonly (string | number)[],
  see: (text: string, path: readonly (string | number)[]) => void,
): void {
  if (typeof value === 'string') see(value, path)
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) eachText(item, [...path, index], see)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) eachText(item, [...path, key], see)
  }
}
