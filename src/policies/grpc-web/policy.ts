/**
 * `grpc-web`: stands between clients of gRPC-Web and Connect and a service that speaks the same. Text bodies become
 * binary and back, as they stream; what the gateway itself refuses is told in the words of the protocol.
 */
import { catalogue } from '../../errors/catalogue.ts'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { BindContext, Next, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { type Base64Reader, encodeBase64, makeBase64Reader } from '../../rpc/base64-core.ts'
import { readSpeech, type Speech } from '../../rpc/speech-core.ts'
import { tellFailure, toBinaryType, toTextType } from './core.ts'
import type { GrpcWebOptions } from './schema.ts'

export const definition: PolicyDefinition<GrpcWebOptions> = {
  use: 'grpc-web',
  stage: 'shape',
  arity: 'one',
  summary:
    'Lets clients of gRPC-Web and Connect read what the gateway refuses, and converts text bodies.',
  bind: bindGrpcWeb,
  reads: () => ['header.content-type'],
}

function bindGrpcWeb({ text = 'convert' }: GrpcWebOptions, { name }: BindContext): Wrap {
  const isConverted = (speech: Speech) =>
    speech.kind === 'grpc-web' && speech.isText && text === 'convert'
  return {
    kind: 'wrap',
    around: function grpcWeb(exchange, next) {
      const speech = readSpeech(exchange.outgoing)
      if (speech === null) return next(exchange)
      exchange.tellRefusal = (refusal) => tell(refusal, speech)
      if (speech.kind !== 'grpc-web' || !isConverted(speech)) return next(exchange)
      exchange.event.policies[name] = 'changed'
      return converted(exchange, next, speech.contentType)
    },
    shadow: function watchGrpcWeb(exchange, next) {
      const speech = readSpeech(exchange.outgoing)
      const wouldChange = speech !== null && isConverted(speech)
      exchange.event.policies[name] = wouldChange ? 'would-change' : 'would-pass'
      return next(exchange)
    },
  }
}

/** In the place of the problem: with its header fields, and for no cache. */
function tell(refusal: Refusal, speech: Speech): Response {
  const entry = catalogue[refusal.code]
  const { status = entry.status, detail = entry.title } = refusal
  const told = tellFailure(speech, status, detail)
  const headers = new Headers(refusal.headers)
  headers.set('content-type', told.contentType)
  headers.set('cache-control', 'no-store')
  headers.set('x-content-type-options', 'nosniff')
  return new Response(told.body, { status: told.status, headers })
}

async function converted(exchange: Exchange, next: Next, contentType: string): Promise<Answer> {
  const { outgoing } = exchange
  const { headers } = outgoing
  headers['content-type'] = toBinaryType(contentType)
  if (headers.accept !== undefined) headers.accept = toBinaryType(headers.accept)
  delete headers['content-length']
  const reader = makeBase64Reader()
  let isBroken = false
  if (outgoing.body instanceof ArrayBuffer) {
    const bytes = reader.push(new Uint8Array(outgoing.body))
    if (bytes === null || !reader.isWhole) return refuse('BODY_INVALID')
    outgoing.body = bytes.slice().buffer
  } else if (outgoing.body !== null) {
    outgoing.body = outgoing.body.pipeThrough(
      decoding(reader, () => {
        isBroken = true
      }),
    )
  }
  const answer = await next(exchange)
  // The service saw a body that broke off: that is no fault of its own.
  if (isBroken) return refuse('BODY_INVALID')
  return answer instanceof Response ? asText(answer) : answer
}

function decoding(
  reader: Base64Reader,
  onBroken: () => void,
): TransformStream<Uint8Array, Uint8Array> {
  function fail(controller: TransformStreamDefaultController): void {
    onBroken()
    controller.error(new TypeError('The body is no base64.'))
  }
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const bytes = reader.push(chunk)
      if (bytes === null) fail(controller)
      else if (bytes.length > 0) controller.enqueue(bytes)
    },
    flush(controller) {
      if (!reader.isWhole) fail(controller)
    },
  })
}

/** Each chunk is encoded by itself, so that nothing of a message waits for the next. */
function asText(answer: Response): Answer {
  const type = toTextType(answer.headers.get('content-type') ?? '')
  if (type === null) return answer
  const encoding = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => controller.enqueue(encodeBase64(chunk)),
  })
  const headers = new Headers(answer.headers)
  headers.set('content-type', type)
  headers.delete('content-length')
  const body = answer.body?.pipeThrough(encoding) ?? null
  return new Response(body, { status: answer.status, headers })
}
