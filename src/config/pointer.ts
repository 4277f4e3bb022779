/** JSON Pointers (RFC 6901): how every problem names its place, and how a place is found again in a text. */
import { type Path, readJson } from './json.ts'

/** `['routes', 3, 'a/b']` → `/routes/3/a~1b`. */
export function pointerOf(path: Path): string {
  let pointer = ''
  for (const key of path) pointer += `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
  return pointer
}

/** The path of a pointer; indexes of lists stay text. */
export function pathOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Whether the first pointer is the second or lies beneath it. */
export function isWithin(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`)
}

/** The value at a path of a document, or undefined. */
export function valueAt(document: unknown, path: Path): unknown {
  let value = document
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}

/** A place in a text; both count from 1, columns in UTF-16 units as editors do. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** The place of an offset. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 }
}

/** Finds pointers in a text: a pointer that the text lacks (a missing key) is found at its nearest ancestor. */
export function locatorOf(text: string): (pointer: string) => Place {
  const offsets = new Map<string, number>()
  readJson(text, {
    comments: true,
    onPlace: (path, offset) => {
      const pointer = pointerOf(path)
      if (!offsets.has(pointer)) offsets.set(pointer, offset)
    },
  })
  return (pointer) => {
    for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const offset = offsets.get(at)
      if (offset !== undefined) return placeOf(text, offset)
    }
    return { line: 1, column: 1 }
  }
}
