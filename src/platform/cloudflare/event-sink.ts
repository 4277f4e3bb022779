/**
 * Writes events to the console. On Cloudflare each is a log entry of its own request. On one machine the
 * lines of some milliseconds go out in one write: a write per request costs about 5 % of its CPU.
 */
import type { Event } from '../../observe/event.ts'
import { type LogForm, toJson, toLine } from '../../observe/line.ts'
import type { Ports } from '../ports.ts'

export interface EventSink {
  /** `ports` keep the request's context until the line is written; null where the request is over. */
  write(event: Event, ports: Pick<Ports, 'defer'> | null): void
}

const BATCH_MS = 20 // short enough for a person who watches, long enough for tens of requests under load

export function makeEventSink(form: LogForm, batched: boolean): EventSink {
  if (form === 'off') return { write() {} }
  const format = form === 'json' ? toJson : toLine
  if (batched) return makeBatch(format)
  return {
    write(event) {
      console.log(format(event))
    },
  }
}

function makeBatch(format: (event: Event) => string): EventSink {
  let lines: string[] = []
  // When the flush that is under way was promised; its request may have been ended before it ran.
  let promisedAt = 0
  function flush(): void {
    promisedAt = 0
    const text = lines.join('\n')
    lines = []
    if (text !== '') console.log(text)
  }
  return {
    write(event, ports) {
      lines.push(format(event))
      if (ports === null) return flush()
      const now = Date.now()
      if (promisedAt !== 0 && now - promisedAt < BATCH_MS * 10) return
      promisedAt = now
      ports.defer(scheduler.wait(BATCH_MS).then(flush))
    },
  }
}
