/** The plan of an aggregate: its calls as a graph. Pure, made once per table; what is wrong with it is told all at once. */
import type { CallSpec } from './schema.ts'

export interface PlannedCall {
  readonly name: string
  /** Its place in the table, and in the answer. */
  readonly index: number
  readonly spec: CallSpec
  /** The calls that must be over before: those of `after`, and those that it refers to. */
  readonly waitsFor: readonly number[]
  /** The calls that wait for it. */
  readonly leadsTo: readonly number[]
  /** What its expressions see: all calls that are over before it, in the order of the table. */
  readonly sees: readonly number[]
  /** Calls on the longest chain from here to the end, this one included. */
  readonly rank: number
  readonly required: boolean
  /** Some template or expression reads its body: it is parsed for that. */
  readonly isUsed: boolean
}

export interface AggregatePlan {
  /** In the order of the table. */
  readonly calls: readonly PlannedCall[]
}
