/**
 * Reads a document of operations (GraphQL, October 2021, §2): whether it is one, and what a gateway has to know of each
 * operation. It judges the syntax; the service alone knows the schema. Pure.
 */
import { type Flaw, readTokens, type Tokens } from './tokens-core.ts'

export type TypeRef =
  | { readonly kind: 'named'; readonly name: string; readonly isRequired: boolean }
  | { readonly kind: 'list'; readonly of: TypeRef; readonly isRequired: boolean }

export interface Variable {
  readonly name: string
  readonly type: TypeRef
  readonly hasDefault: boolean
}

export interface Operation {
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly name: string | null
  readonly variables: readonly Variable[]
}

export interface GraphqlDocument {
  readonly kind: 'document'
  readonly operations: readonly Operation[]
  /** Names of variables that anything in it reads. */
  readonly reads: ReadonlySet<string>
}

export type DocumentRead = GraphqlDocument | { readonly kind: 'invalid'; readonly flaw: Flaw }

// A document of people has a dozen; what reads it recurses.
const MAX_DEPTH = 100

interface Reader {
  readonly tokens: Tokens
  readonly reads: Set<string>
  depth: number
}

export function readDocument(text: string): DocumentRead {
  const tokens = readTokens(text)
  const reader: Reader = { tokens, reads: new Set(), depth: 0 }
  const operations: Operation[] = []
  do {
    if (tokens.text === 'fragment') readFragment(reader)
    else operations.push(readOperation(reader))
  } while (tokens.kind !== 'end')
  const { flaw } = tokens
  if (flaw !== null) return { kind: 'invalid', flaw }
  return { kind: 'document', operations, reads: reader.reads }
}

function readOperation(reader: Reader): Operation {
  const { tokens } = reader
  if (tokens.text === '{') {
    readSelections(reader)
    return { kind: 'query', name: null, variables: [] }
  }
  const kind = tokens.text
  if (kind !== 'query' && kind !== 'mutation' && kind !== 'subscription') {
    tokens.fail('"query", "mutation", "fragment" or "{"')
    return { kind: 'query', name: null, variables: [] }
  }
  tokens.advance()
  const name = tokens.kind === 'name' ? takeName(tokens) : null
  const variables: Variable[] = []
  if (take(tokens, '(')) {
    do variables.push(readVariable(reader))
    while (tokens.text === '$')
    need(tokens, ')')
  }
  readDirectives(reader, false)
  readSelections(reader)
  return { kind, name, variables }
}

function readVariable(reader: Reader): Variable {
  const { tokens } = reader
  need(tokens, '$')
  const name = takeName(tokens)
  need(tokens, ':')
  const type = readType(reader)
  const hasDefault = take(tokens, '=')
  if (hasDefault) readValue(reader, true)
  readDirectives(reader, true)
  return { name, type, hasDefault }
}

function readType(reader: Reader): TypeRef {
  const { tokens } = reader
  if (!take(tokens, '[')) {
    return { kind: 'named', name: takeName(tokens), isRequired: take(tokens, '!') }
  }
  const of = deeper(reader, () => readType(reader)) ?? unreadable
  need(tokens, ']')
  return { kind: 'list', of, isRequired: take(tokens, '!') }
}

const unreadable: TypeRef = { kind: 'named', name: '', isRequired: false }

function readFragment(reader: Reader): void {
  const { tokens } = reader
  tokens.advance()
  if (tokens.text === 'on') tokens.fail('the name of a fragment')
  takeName(tokens)
  readTypeCondition(reader)
  readDirectives(reader, false)
  readSelections(reader)
}

function readTypeCondition({ tokens }: Reader): void {
  if (tokens.text !== 'on') tokens.fail('"on"')
  tokens.advance()
  takeName(tokens)
}

function readSelections(reader: Reader): void {
  const { tokens } = reader
  need(tokens, '{')
  deeper(reader, () => {
    do readSelection(reader)
    while (tokens.kind !== 'end' && tokens.text !== '}')
  })
  need(tokens, '}')
}

function readSelection(reader: Reader): void {
  const { tokens } = reader
  if (take(tokens, '...')) {
    if (tokens.kind === 'name' && tokens.text !== 'on') {
      takeName(tokens)
      readDirectives(reader, false)
      return
    }
    if (tokens.text === 'on') readTypeCondition(reader)
    readDirectives(reader, false)
    readSelections(reader)
    return
  }
  takeName(tokens)
  if (take(tokens, ':')) takeName(tokens)
  readArguments(reader, false)
  readDirectives(reader, false)
  if (tokens.text === '{') readSelections(reader)
}

function readDirectives(reader: Reader, isConstant: boolean): void {
  while (take(reader.tokens, '@')) {
    takeName(reader.tokens)
    readArguments(reader, isConstant)
  }
}

function readArguments(reader: Reader, isConstant: boolean): void {
  const { tokens } = reader
  if (!take(tokens, '(')) return
  do readField(reader, isConstant)
  while (tokens.kind === 'name')
  need(tokens, ')')
}

/** A name with its value: an argument, or a field of an object. */
function readField(reader: Reader, isConstant: boolean): void {
  takeName(reader.tokens)
  need(reader.tokens, ':')
  readValue(reader, isConstant)
}

function readValue(reader: Reader, isConstant: boolean): void {
  const { tokens } = reader
  if (tokens.kind === 'name' || tokens.kind === 'number' || tokens.kind === 'string') {
    tokens.advance()
  } else if (tokens.text === '$' && !isConstant) {
    tokens.advance()
    reader.reads.add(takeName(tokens))
  } else if (take(tokens, '[')) {
    deeper(reader, () => {
      while (tokens.kind !== 'end' && tokens.text !== ']') readValue(reader, isConstant)
    })
    need(tokens, ']')
  } else if (take(tokens, '{')) {
    deeper(reader, () => {
      while (tokens.kind === 'name') readField(reader, isConstant)
    })
    need(tokens, '}')
  } else tokens.fail('a value')
}

function deeper<Found>(reader: Reader, read: () => Found): Found | null {
  if (reader.depth === MAX_DEPTH) {
    reader.tokens.fail(`at most ${MAX_DEPTH} levels`)
    return null
  }
  reader.depth += 1
  const found = read()
  reader.depth -= 1
  return found
}

function takeName(tokens: Tokens): string {
  const { text } = tokens
  if (tokens.kind === 'name') tokens.advance()
  else tokens.fail('a name')
  return text
}

/** Whether the sign is there; it is passed over then. Strings are no punctuators, whatever they hold. */
function take(tokens: Tokens, sign: string): boolean {
  if (tokens.kind !== 'punctuator' || tokens.text !== sign) return false
  tokens.advance()
  return true
}

function need(tokens: Tokens, sign: string): void {
  if (!take(tokens, sign)) tokens.fail(`"${sign}"`)
}
