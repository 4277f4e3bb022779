/**
 * Dotted names of members, and trees of them: what several paths name together, so that a value is walked once.
 * "a\.b" is one name with a dot in it. Pure.
 */

/** The names of a path; null where one of them is empty, or a backslash escapes nothing. */
export function parsePath(text: string): readonly string[] | null {
  const names: string[] = []
  let name = ''
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]
    if (letter === '.') {
      names.push(name)
      name = ''
    } else if (letter === '\\') {
      at += 1
      const escaped = text[at]
      if (escaped !== '.' && escaped !== '\\') return null
      name += escaped
    } else name += letter
  }
  names.push(name)
  return names.includes('') ? null : names
}

/** What a member is called then: `to` is a name, or the whole path with another last name. Null where it is neither. */
export function newNameOf(from: string, to: string): string | null {
  const target = parsePath(to)
  const source = parsePath(from)
  if (target === null || source === null) return null
  const name = target.at(-1) as string
  if (target.length === 1) return name
  const isBeside =
    target.length === source.length &&
    target.every((part, index) => index === target.length - 1 || part === source[index])
  return isBeside ? name : null
}

/** The path as it is written, for messages. */
export function writePath(names: readonly string[]): string {
  return names.map((name) => name.replace(/[\\.]/g, '\\$&')).join('.')
}

/** Names below a place in a value; `leaf` is there where a path ends. */
export interface PathTree<Leaf> {
  leaf: Leaf | undefined
  readonly below: Map<string, PathTree<Leaf>>
}

/** The tree of all paths. The schema has refused what is no path, so this throws on it. */
export function bindTree<Leaf>(paths: readonly (readonly [string, Leaf])[]): PathTree<Leaf> {
  const root: PathTree<Leaf> = { leaf: undefined, below: new Map() }
  for (const [text, leaf] of paths) {
    let node = root
    for (const name of namesOf(text)) {
      let next = node.below.get(name)
      if (next === undefined) {
        next = { leaf: undefined, below: new Map() }
        node.below.set(name, next)
      }
      node = next
    }
    node.leaf = leaf
  }
  return root
}

/** The names of a path that the schema has accepted. */
export function namesOf(text: string): readonly string[] {
  const names = parsePath(text)
  if (names === null) throw new TypeError(`expected a path of names, found "${text}"`)
  return names
}
