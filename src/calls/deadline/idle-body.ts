/**
 * Bounds the silence between bytes of an answer's body (`idleBodyMs`). The header fields are with the client by
 * then, so a body that stalls is broken off: the client sees a transfer that did not end. Such a body passes through
 * JavaScript, which costs what `idleBodyMs` unset does not.
 */
import type { Answer } from '../../pipeline/exchange.ts'
import type { BindStep } from '../order.ts'

export const bindIdleBody: BindStep = ({ options: { idleBodyMs } }) => {
  if (idleBodyMs === undefined) return null
  return (next) =>
    async function idleBody(call) {
      return watch(await next(call), idleBodyMs)
    }
}

function watch(answer: Answer, idleMs: number): Answer {
  // An upgraded connection is silent as long as both sides like it.
  if (!(answer instanceof Response) || answer.body === null || answer.status === 101) return answer
  return new Response(breakWhenIdle(answer.body, idleMs), answer)
}

/** The same bytes; an error in their place when none comes for so long. */
export function breakWhenIdle(body: ReadableStream<Uint8Array>, idleMs: number) {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let timer: ReturnType<typeof setTimeout> | null = null
        const silence = new Promise<'silence'>((resolve) => {
          timer = setTimeout(() => resolve('silence'), idleMs)
        })
        const read = await Promise.race([reader.read(), silence]).finally(() => {
          if (timer !== null) clearTimeout(timer)
        })
        if (read === 'silence') {
          controller.error(new Error(`The body was silent for ${idleMs} milliseconds.`))
          // Whatever the connection has to say to that, nobody listens any more.
          reader.cancel().catch(() => {})
        } else if (read.done) controller.close()
        else controller.enqueue(read.value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Reads only what the client takes: silence of the client is none of the service.
    { highWaterMark: 0 },
  )
}
