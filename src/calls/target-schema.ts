/** Targets as a table writes them. */
import * as z from 'zod/mini'
import { text } from '../schema/atoms.ts'
import { expectedTarget, isReachable, targetForm } from './target.ts'

/** `http(s)://host[:port][/base]` with no user, query or fragment, or `binding://NAME`. */
export const targetUrl = text(
  z.regex(targetForm, { error: expectedTarget }),
  z.refine(isReachable, { error: `expected ${expectedTarget}` }) as z.core.$ZodCheck<string>,
)
