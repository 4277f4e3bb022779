/** What the catalogue holds of each code. */

/** Who has to act: the client, the operator of the gateway, the service behind it, or the gateway's authors. */
export type Fault = 'client' | 'operator' | 'upstream' | 'gateway'

export interface CatalogueEntry {
  readonly status: number
  readonly title: string
  readonly fault: Fault
  /** What the reader of the problem page can do, in one or two sentences. */
  readonly advice: string
}

export const entry = (
  status: number,
  fault: Fault,
  title: string,
  advice: string,
): CatalogueEntry => ({
  status,
  title,
  fault,
  advice,
})
