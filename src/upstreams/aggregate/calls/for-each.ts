/** `forEach`: the call once for each item of a list, or with `batch` once for many, up to a cap. */
import { compileExpression, type Expression } from '../../../expression/expression.ts'
import { refusalOf } from '../../../expression/refusal.ts'
import type { Exchange } from '../../../pipeline/exchange.ts'
import { valueAt } from '../../../template/value-at.ts'
import type { Failed, Part, Single } from '../part.ts'
import type { BatchOptions, CallSpec } from '../schema.ts'
import { chunksOf, elementsOf, idOf, noList, unknownItem } from './batch-items.ts'
import { failed, failedBy } from './failure.ts'
import type { Shoot, ShotMoment } from './shot.ts'

const DEFAULT_MAX_ITEMS = 100
const DEFAULT_BATCH_ITEMS = 50

type Moment = Omit<ShotMoment, 'items'>

export type RunEach = (moment: Moment, finish: (single: Single) => Single) => Promise<Part>

/** Compiles what the schema has judged. */
export function compiled(text: string): Expression {
  const found = compileExpression(text)
  if (found.kind === 'invalid') throw new TypeError(`expected ${found.reason}`)
  return found.expression
}

/** `finish` puts the default of the call into a part that failed. */
export function bindForEach(forEach: string, spec: CallSpec, shoot: Shoot): RunEach {
  const list = compiled(forEach)
  const { maxItems = DEFAULT_MAX_ITEMS, batch } = spec
  const shootAll = batch === undefined ? shootEach(shoot) : bindBatch(batch, shoot)
  return async function runEach(moment, finish) {
    const { values, run } = moment
    const found = await evaluate(list, values.input(), run.exchange)
    if (isFailed(found)) return finish(found)
    const all = listOf(found.value)
    const items = all.length > maxItems ? all.slice(0, maxItems) : all
    const parts = await shootAll(items, moment, (single, index) => {
      const finished = finish(single)
      run.onItem?.(index, finished)
      return finished
    })
    return { kind: 'list', parts, cut: all.length > maxItems ? cutAt(maxItems) : null }
  }
}

/** Nothing is no item, and one value is a list of one. */
function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}

function cutAt(maxItems: number): Failed {
  return failed('CALL_ITEMS_CUT', { detail: `Only the first ${maxItems} items were called for.` })
}

/** Notes a part as soon as it is over. */
type Finish = (single: Single, index: number) => Single

type ShootAll = (
  items: readonly unknown[],
  moment: Moment,
  finish: Finish,
) => Promise<readonly Single[]>

/** Bounded by `maxItems`; at a time as many as there are slots. */
function shootEach(shoot: Shoot): ShootAll {
  return (items, moment, finish) =>
    Promise.all(
      items.map(async (item, index) => finish(await shoot({ ...moment, items: [item] }), index)),
    )
}

function bindBatch(batch: BatchOptions, shoot: Shoot): ShootAll {
  const by = bindId(batch.by)
  const key = batch.key.split('.')
  const size = batch.maxItems ?? DEFAULT_BATCH_ITEMS
  const list = batch.items === undefined ? null : compiled(batch.items)

  async function listIn(value: unknown, exchange: Exchange): Promise<readonly unknown[] | Failed> {
    if (list === null) return Array.isArray(value) ? value : noList
    const found = await evaluate(list, value, exchange)
    if (isFailed(found)) return found
    // A list of one comes out of an expression as the one.
    return found.value === null || typeof found.value !== 'object' ? noList : listOf(found.value)
  }

  return async function shootBatches(items, moment, finish) {
    const { exchange } = moment.run
    const ids: (string | null)[] = []
    const parts: Single[] = items.map(() => unknownItem)
    const places = new Map<string, number[]>()
    for (const [index, item] of items.entries()) {
      const found = await by(item, exchange)
      const id = isFailed(found) ? null : idOf(found.value)
      ids.push(id)
      if (id === null) parts[index] = finish(isFailed(found) ? found : unknownItem, index)
      else if (places.get(id)?.push(index) === undefined) places.set(id, [index])
    }
    await Promise.all(
      chunksOf(items, ids, size).map(async (chunk) => {
        const answer = await shoot({ ...moment, items: chunk.items })
        const read = answer.kind === 'answered' ? await listIn(answer.value, exchange) : answer
        const failure = isMany(read) ? null : read
        const elements =
          isMany(read) && answer.kind === 'answered'
            ? elementsOf(answer, read, { key, ids: chunk.ids })
            : null
        for (const id of chunk.ids) {
          const single = failure ?? elements?.get(id) ?? unknownItem
          for (const index of places.get(id) ?? []) parts[index] = finish(single, index)
        }
      }),
    )
    return parts
  }
}

function isMany(read: readonly unknown[] | Single): read is readonly unknown[] {
  return Array.isArray(read)
}

type ReadId = (item: unknown, exchange: Exchange) => Evaluation | Promise<Evaluation>

const plainPath = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/

/** Names with dots between are read as they are: there are as many ids as items. */
function bindId(by: string): ReadId {
  if (by === '$') return (item) => ({ value: item })
  if (plainPath.test(by) && !/^(?:and|or|in|true|false|null|function)$/.test(by)) {
    const path = by.split('.')
    return (item) => ({ value: valueAt(item, path) })
  }
  const expression = compiled(by)
  return (item, exchange) => evaluate(expression, item, exchange)
}

interface Value {
  readonly value: unknown
}
export type Evaluation = Value | Failed

export function isFailed(evaluation: Evaluation): evaluation is Failed {
  return 'kind' in evaluation
}

/** What an expression of a call comes to; past its bounds the call has failed. */
export async function evaluate(
  expression: Expression,
  input: unknown,
  exchange: Exchange,
): Promise<Evaluation> {
  const now = exchange.ports.clock.now()
  const evaluated = await expression.evaluate(input, { exchange, now })
  return evaluated.kind === 'value' ? { value: evaluated.value } : failedBy(refusalOf(evaluated))
}
