/** What isolates tell of who uses which version of an API, and what operators get of it. Plain data. */

/** Who is calling: `consumer:<name>`, else `authority:<kind>`, else `anonymous`; `others` where there is no room. */
export type UseCaller = string

export interface Use {
  readonly route: string
  readonly version: string
  readonly caller: UseCaller
  /** Requests since the last report. */
  readonly uses: number
}

export interface UsesReport {
  readonly uses: readonly Use[]
}

export interface UsesLine extends Use {
  /** Milliseconds since 1970: when the last report that has it came. */
  readonly lastSeenAt: number
}

export interface UsesView {
  /** The first day of what is counted, milliseconds since 1970; null where nothing is. */
  readonly since: number | null
  /** The newest first. */
  readonly lines: readonly UsesLine[]
  /** Whether there were more lines than are shown. */
  readonly isCut: boolean
}
