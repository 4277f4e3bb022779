/** W3C Trace Context: continues the trace of the caller or begins one. A malformed field begins a new trace (§3.2.2). */
import type { Trace } from '../pipeline/exchange.ts'

const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const noTrace = '0'.repeat(32)
const noSpan = '0'.repeat(16)

/** Reads `traceparent` and `tracestate`; `hex(n)` gives 2n random hex digits. */
export function readTrace(
  parent: string | undefined,
  state: string | undefined,
  hex: (bytes: number) => string,
): Trace {
  const spanId = hex(8)
  const parts = parent === undefined ? null : traceparent.exec(parent)
  if (parts !== null) {
    const [, version, traceId = '', parentId, flags = '00', rest] = parts
    const known = version === '00' ? rest === undefined : version !== 'ff'
    if (known && traceId !== noTrace && parentId !== noSpan) {
      return { traceId, spanId, flags: version === '00' ? flags : '00', state: state ?? null }
    }
  }
  // Flag 01 (sampled): the gateway records every request unless `log` says otherwise.
  return { traceId: hex(16), spanId, flags: '01', state: null }
}

/** The field for the next hop: the gateway's span is the parent of what the service does. */
export function writeTraceparent(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.flags}`
}
