/** The loads on a fleet of eight gateways, and what each is to reach. */

/** How many calls of objects there may be, for each request or for each that is admitted. */
export interface FleetReach {
  readonly of: 'request' | 'admitted'
  readonly atMost: number
}

export interface FleetTitle {
  readonly title: string
  readonly reach: FleetReach | null
}

export const fleetTitles = {
  below: {
    title: 'One hot key, limit 2,000/s',
    reach: { of: 'admitted', atMost: 0.02 },
  },
  above: { title: 'One hot key at twice its limit of 500/s', reach: null },
  flood: {
    title: 'A refused flood: 5 an hour, spent',
    reach: { of: 'request', atMost: 0.001 },
  },
  keys: { title: '10,000 keys in turn, 100 a minute each', reach: null },
  calls: {
    title: 'Call pipeline, closed and healthy',
    reach: { of: 'request', atMost: 0.01 },
  },
} as const satisfies Readonly<Record<string, FleetTitle>>

export type FleetCase = keyof typeof fleetTitles
