/**
 * Sends probes: each bounded in time, its body in size, a few at once. A target behind a service binding is probed
 * through the binding of the Worker in which the object runs.
 */
import type { SecretRef } from '../../schema/atoms.ts'
import type { Target } from '../call.ts'
import type { WakeIo } from '../state/part.ts'
import { makeTarget } from '../target.ts'
import type { ProbeResult, Round } from './core.ts'
import { judgeBody, judgeStatus } from './probe-core.ts'
import type { HealthRules } from './rules.ts'

/** Workers wait for the headers of six connections at most; one is left for the source of the targets. */
const MAX_PARALLEL_PROBES = 5

/** Probes all of them; never rejects. */
export async function probeAll(
  urls: readonly string[],
  rules: HealthRules,
  io: WakeIo,
): Promise<Round['results']> {
  const results: { target: string; result: ProbeResult }[] = []
  const left = [...urls]
  async function probeNext(): Promise<void> {
    for (let target = left.shift(); target !== undefined; target = left.shift()) {
      results.push({ target, result: await probe(target, rules, io) })
    }
  }
  await Promise.all(Array.from({ length: MAX_PARALLEL_PROBES }, probeNext))
  return results
}

async function probe(url: string, rules: HealthRules, io: WakeIo): Promise<ProbeResult> {
  const target = makeTarget(url, { index: 0, weight: 1, priority: 0, zone: null })
  const controller = new AbortController()
  const alarm = io.timers.after(rules.timeoutMs)
  let isLate = false
  void alarm.done.then(() => {
    isLate = true
    controller.abort()
  })
  try {
    const response = await send(target, rules, io, controller.signal)
    if (response === null) return 'binding-missing'
    return await judge(response, rules)
  } catch {
    return isLate ? 'timeout' : 'unreachable'
  } finally {
    alarm.cancel()
  }
}

async function send(
  { base, binding }: Target,
  rules: HealthRules,
  { network, environment }: WakeIo,
  signal: AbortSignal,
): Promise<Response | null> {
  const { path, method } = rules
  const call = { method, headers: headersOf(rules, environment), body: null, signal }
  if (binding === null) return network.send({ ...call, url: base + path })
  // The names of bindings come in messages: only services of the operator's are called.
  if (environment.service(binding) !== 'present') return null
  return network.sendTo(binding, { ...call, url: `http://${binding.toLowerCase()}${base}${path}` })
}

function headersOf(
  { headers }: HealthRules,
  environment: WakeIo['environment'],
): Record<string, string> {
  const fields: Record<string, string> = { 'user-agent': 'isogate-health' }
  for (const [name, value] of Object.entries(headers)) {
    const text = typeof value === 'string' ? value : reveal(value, environment)
    if (text !== null) fields[name] = text
  }
  return fields
}

function reveal(
  { secret, prefix = '' }: SecretRef,
  environment: WakeIo['environment'],
): string | null {
  const text = environment.secret(secret)?.trim()
  return text === undefined ? null : prefix + text
}

async function judge(response: Response, rules: HealthRules): Promise<ProbeResult> {
  const result = judgeStatus(response.status, rules)
  if (result !== 'ok' || rules.body === null) {
    await response.body?.cancel()
    return result
  }
  return judgeBody(await readStart(response), rules)
}

const MAX_BODY_BYTES = 65_536

/** The first bytes as text; the rest is called off. */
async function readStart({ body }: Response): Promise<string> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const kept = chunk.subarray(0, MAX_BODY_BYTES - size)
    size += kept.byteLength
    text += decoder.decode(kept, { stream: true })
    if (size >= MAX_BODY_BYTES) break
  }
  return text
}
