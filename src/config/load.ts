/** From the text of a table to a Plan, for tools and tests, which have the schemas at hand. Pure. */
import type { Environment } from '../platform/ports.ts'
import { judgeTable, type Loaded, trustTable } from './judge.ts'
import * as parser from './parse.ts'

export type { Loaded }

export interface LoadOptions {
  /** Accept comments and trailing commas, as in files. */
  readonly comments?: boolean
  /** This very text was accepted by this build before: it is not judged again. */
  readonly trusted?: boolean
  /** What the plan is called; 16 hex digits of the SHA-256 of the text where it comes from a store. */
  readonly version?: string
}

export function loadTable(
  text: string,
  environment: Environment,
  options: LoadOptions = {},
): Loaded {
  const { comments = false, trusted = false, version = 'unversioned' } = options
  const context = { environment, version }
  const known = trusted ? trustTable(text, context) : null
  return known ?? judgeTable(text, { ...context, comments, parser })
}
