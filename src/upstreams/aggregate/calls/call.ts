/** One call of an aggregate: whether it is made at all, for what, and what it came to, with its line in the event. */
import { bindWhen } from '../../../match/when.ts'
import type { CallEvent } from '../../../observe/event.ts'
import { type Failed, failureOf, type Part, type Single, type Values } from '../part.ts'
import type { PlannedCall } from '../plan/plan.ts'
import type { CallRun, RunnableCall } from '../run/run.ts'
import type { AggregateScope } from '../scope.ts'
import { bindCallCache } from './call-cache.ts'
import type { TemplateScope } from './call-template.ts'
import { bindForEach, compiled, evaluate, isFailed } from './for-each.ts'
import { bindShot, type CallNote } from './shot.ts'

export type { CallRun, RunnableCall as BoundCall } from '../run/run.ts'

export function bindCall(planned: PlannedCall, scope: AggregateScope): RunnableCall {
  const { spec, name } = planned
  const { upstream, forEach, batch } = spec
  const templates: TemplateScope = {
    names: scope.names,
    hasItem: forEach !== undefined,
    isItemOfClient: forEach !== undefined && readsNoCall(forEach, scope),
    separator: batch === undefined ? null : (batch.separator ?? ','),
  }
  const cached = spec.cache === undefined ? null : bindCallCache(spec, spec.cache, scope)
  const shoot = bindShot(planned, { scope, templates, cached })
  const each = forEach === undefined ? null : bindForEach(forEach, spec, shoot)
  const asks = spec.when === undefined ? null : bindAsks(spec.when)
  const fallback: unknown = spec.default ?? null

  /** In the place of a body that is not there. */
  function finish(single: Single): Single {
    if (single.kind !== 'failed' || fallback === null) return single
    return { ...single, value: fallback, default: fallback }
  }

  async function askFirst(ask: Asks, values: Values, run: CallRun, note: CallNote): Promise<Part> {
    const asked = ask(values, run)
    const holds = asked instanceof Promise ? await asked : asked
    if (holds === true) return makeCall(values, run, note)
    return holds === false ? { kind: 'skipped', value: fallback } : finish(holds)
  }

  function makeCall(values: Values, run: CallRun, note: CallNote): Promise<Part> {
    if (each !== null) return each({ values, run, note }, finish)
    return shoot({ values, run, note, items: [] })
  }

  return {
    run(values, run) {
      const { event, ports } = run.exchange
      const startedAt = ports.clock.now()
      const note: CallNote = { tries: 0, cache: null }
      const made = asks === null ? makeCall(values, run, note) : askFirst(asks, values, run, note)
      return made.then((found) => {
        const part = found.kind === 'failed' ? finish(found) : found
        event.calls ??= []
        event.calls.push({
          call: name,
          upstream,
          ...told(part),
          ms: ports.clock.now() - startedAt,
          tries: note.tries,
          cache: note.cache,
        })
        return part
      })
    },
  }
}

function told(part: Part): Pick<CallEvent, 'status' | 'items' | 'error'> {
  const items = part.kind === 'list' ? part.parts.length : null
  const failure = failureOf(part)
  if (failure !== null) {
    const { reason, code } = failure
    const error = reason === undefined ? code : `${code}:${reason}`
    return { status: failure.status, items, error }
  }
  const single = part.kind === 'list' ? part.parts[0] : part
  return { status: single?.kind === 'answered' ? single.status : null, items, error: null }
}

type Asks = (values: Values, run: CallRun) => boolean | Promise<boolean | Failed>

function bindAsks(when: NonNullable<PlannedCall['spec']['when']>): Asks {
  if (typeof when !== 'string') {
    const holds = bindWhen(when)
    return (_values, { exchange }) => holds(exchange.subject)
  }
  // What counts as true is JSONata's to say.
  const expression = compiled(`$boolean((${when}))`)
  return async (values, { exchange }) => {
    const found = await evaluate(expression, values.input(), exchange)
    return isFailed(found) ? found : found.value === true
  }
}

/** A list that is made of the request alone: what is wrong with its items is the client's fault. */
function readsNoCall(forEach: string, { names }: AggregateScope): boolean {
  const { paths, readsAll } = compiled(forEach)
  return !readsAll && paths.every(([root = '']) => !names.has(root))
}
