/** The section on bursts. Pure. */
import {
  BURST_REQUESTS,
  type Burst,
  type BurstTitle,
  burstTitles,
  SERVICE_MS,
} from './burst-titles.ts'
import { table } from './markdown.ts'
import type { Results } from './results.ts'

export function renderBursts({ bursts }: Results): string {
  if (bursts === null) return ''
  const rows = bursts.map(({ name, failures, mostFetches, cpuMs, elapsedMs }: Burst) => {
    const { title, reach }: BurstTitle = burstTitles[name]
    return [
      `${title}${failures > 0 ? ` (**${failures} failures: worthless**)` : ''}`,
      String(mostFetches),
      cpuMs.toFixed(0),
      elapsedMs.toFixed(0),
      reach === null ? '' : `≤ ${reach}: ${mostFetches <= reach ? 'reached' : 'missed'}`,
    ]
  })
  return `## A burst for one key that is stored nowhere

${BURST_REQUESTS.toLocaleString('en-US')} requests at once for one answer, over eight gateways, each in its own isolate, in one workerd; the service takes ${SERVICE_MS} ms for it, and it may be kept for
ten minutes. ${bursts[0]?.bursts ?? 0} bursts, each for another answer: the most fetches of any, the medians of the gateways' CPU (objects and stores included) and of the time from
the first request to the last answer. Client and service share the machine.

${table(['', 'Fetches of the service', 'CPU ms', 'Time ms', 'Reach'], rows)}`
}
