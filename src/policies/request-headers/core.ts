/** Makes one change to the header fields of the request as it goes on. Pure but for the map it is given. */
import type { Change } from '../../http/changes.ts'
import type { Fields } from '../../http/headers.ts'

/** Names are in lower case, as in the map. What no change names stays as it is. */
export function changeHeader(headers: Fields, change: Change<string>): void {
  const { name } = change
  const present = headers[name]
  switch (change.kind) {
    case 'remove':
      delete headers[name]
      return
    case 'rename':
      if (present === undefined) return
      delete headers[name]
      headers[change.to] = present
      return
    case 'set':
      headers[name] = change.value
      return
    case 'add':
      headers[name] = present === undefined ? change.value : joinField(name, present, change.value)
  }
}

/** A list of values is one field with commas (RFC 9110 §5.3), but cookies stand between semicolons (RFC 6265 §5.4). */
function joinField(name: string, present: string, added: string): string {
  return name === 'cookie' ? `${present}; ${added}` : `${present}, ${added}`
}
