/** `forward` of identity policies: which claims a service gets in which fields. */
import * as z from 'zod/mini'
import { map, text } from '../schema/atoms.ts'
import { editableHeaderName } from '../schema/header-names.ts'
import type { Forward } from './forward.ts'

/** Claim → field name. */
export const forwardSchema: z.ZodMiniType<Forward> = map(editableHeaderName, text(z.minLength(1)))
