/**
 * `size-limit`: refuses requests that are too large. A body without Content-Length is counted while it streams
 * on; past the limit the upload to the service is broken off, and the client gets 413 unless the service has
 * answered before.
 */
import { bodyTooLarge } from '../../http/body.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { BindContext, Next, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { declaredLength, judgeSize, type SizeVerdict } from './core.ts'
import type { SizeLimitOptions } from './schema.ts'

export const definition: PolicyDefinition<SizeLimitOptions> = {
  use: 'size-limit',
  stage: 'admit',
  arity: 'one',
  summary: 'Refuses targets, header sections and bodies that are too large.',
  bind: bindSizeLimit,
}

function bindSizeLimit(options: SizeLimitOptions, { name }: BindContext): Wrap {
  const limits = {
    maxTargetBytes: options.maxTargetBytes ?? Number.POSITIVE_INFINITY,
    maxHeaderBytes: options.maxHeaderBytes ?? Number.POSITIVE_INFINITY,
    maxBodyBytes: options.maxBodyBytes ?? Number.POSITIVE_INFINITY,
  }
  const judge = (exchange: Exchange): SizeVerdict =>
    judgeSize(
      {
        targetBytes: exchange.target.path.length + exchange.target.query.length,
        headers: exchange.received,
      },
      bodyBytes(exchange),
      limits,
    )
  return {
    kind: 'wrap',
    around: function sizeLimit(exchange, next) {
      const verdict = judge(exchange)
      exchange.event.policies[name] = verdict.kind === 'refused' ? 'refused' : 'passed'
      switch (verdict.kind) {
        case 'refused':
          return verdict
        case 'within':
          return next(exchange)
        case 'uncounted':
          return cutOff(exchange, next, { name, most: limits.maxBodyBytes })
      }
    },
    shadow: function watchSizeLimit(exchange, next) {
      const verdict = judge(exchange)
      exchange.event.policies[name] = verdict.kind === 'refused' ? 'would-refuse' : 'would-pass'
      if (verdict.kind === 'uncounted') {
        count(exchange, limits.maxBodyBytes, () => {
          exchange.event.policies[name] = 'would-refuse'
          return 'let-pass'
        })
      }
      return next(exchange)
    },
  }
}

/** The length of the body, 0 where there is none, null where nothing tells. */
function bodyBytes({ outgoing, received }: Exchange): number | null {
  const { body } = outgoing
  if (body === null) return 0
  return body instanceof ArrayBuffer ? body.byteLength : declaredLength(received)
}

async function cutOff(
  exchange: Exchange,
  next: Next,
  { name, most }: { readonly name: string; readonly most: number },
): Promise<Answer> {
  let isPast = false
  count(exchange, most, () => {
    isPast = true
    return 'cut'
  })
  let answer: Answer
  try {
    answer = await next(exchange)
  } catch (error) {
    // The broken upload is what made the call fail; anything else is not this policy's to hide.
    if (!isPast) throw error
    exchange.event.policies[name] = 'refused'
    return bodyTooLarge(most)
  }
  // An answer that was there before the limit was passed stands: the service did not need the rest.
  if (!isPast) return answer
  if (answer instanceof Response) await answer.body?.cancel().catch(() => {})
  exchange.event.policies[name] = 'refused'
  return bodyTooLarge(most)
}

/** Counts the body as it goes by, chunk by chunk; asks `onExcess` once, when the limit is passed. */
function count(exchange: Exchange, most: number, onExcess: () => 'cut' | 'let-pass'): void {
  const { body } = exchange.outgoing
  if (body === null || body instanceof ArrayBuffer) return
  let seen = 0
  let isDecided = false
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      seen += chunk.byteLength
      if (seen > most && !isDecided) {
        isDecided = true
        if (onExcess() === 'cut') {
          controller.error(new Error('the request body is larger than the route takes'))
          return
        }
      }
      controller.enqueue(chunk)
    },
  })
  exchange.outgoing.body = body.pipeThrough(counter)
}
