/** The limit for a first token: the bare Worker, and the one verification that cannot be spared. */
import { verifyBearer } from './verify-bearer.ts'

interface Bindings {
  readonly ORIGIN: string
  readonly JWKS: string
  readonly ISSUER: string
  readonly AUDIENCE: string
}

export default {
  async fetch(request, bindings) {
    if (!(await verifyBearer(request.headers.get('authorization'), bindings))) {
      return new Response(null, { status: 401 })
    }
    // Behind "https://" at the earliest: where the path begins.
    return fetch(bindings.ORIGIN + request.url.slice(request.url.indexOf('/', 8)), request)
  },
} satisfies ExportedHandler<Bindings>
