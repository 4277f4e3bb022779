/** How a refusal of the gateway reads in gRPC-Web and in Connect, and what the text form is called in binary. Pure. */
import { encodeBase64 } from '../../rpc/base64-core.ts'
import { printConnect, printTrailers } from '../../rpc/failure-core.ts'
import { frame, lastFlags } from '../../rpc/frames-core.ts'
import type { Speech } from '../../rpc/speech-core.ts'
import { statusOfProblem } from '../../rpc/status-core.ts'

export interface Told {
  readonly status: number
  readonly contentType: string
  readonly body: string | Uint8Array<ArrayBuffer>
}

/** `http` is the status that the problem would have had. */
export function tellFailure(speech: Speech, http: number, message: string): Told {
  const failure = { code: statusOfProblem(http).code, message, details: [] }
  switch (speech.kind) {
    case 'grpc-web': {
      const trailers = frame(printTrailers(failure), lastFlags['grpc-web'])
      const body = speech.isText ? encodeBase64(trailers) : trailers
      return { status: 200, contentType: speech.contentType, body }
    }
    case 'connect-stream': {
      const end = encodeJson({ error: printConnect(failure) })
      return { status: 200, contentType: speech.contentType, body: frame(end, lastFlags.connect) }
    }
    case 'connect-unary': {
      const body = JSON.stringify(printConnect(failure))
      return { status: http, contentType: 'application/json', body }
    }
  }
}

function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

/** `application/grpc-web-text+proto` as the service knows it: `application/grpc-web+proto`. */
export function toBinaryType(contentType: string): string {
  return contentType.replace('application/grpc-web-text', 'application/grpc-web')
}

/** The other way; null for what is no binary gRPC-Web. */
export function toTextType(contentType: string): string | null {
  if (!/^application\/grpc-web(?:$|[+;\s])/i.test(contentType)) return null
  return `application/grpc-web-text${contentType.slice('application/grpc-web'.length)}`
}
