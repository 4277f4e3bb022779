/** Asks the admin surface of a running gateway. The token is read from a variable, never from the command line. */
import { type Terminal, UsageError } from './command.ts'

export interface AdminClient {
  /** The answer as an object; null where there is none that says yes: why has been told on stderr. */
  ask(
    method: string,
    path: string,
    /** Bytes go as they are, all else as JSON. */
    body?: object,
  ): Promise<Readonly<Record<string, unknown>> | null>
}

const TIMEOUT_MS = 30_000

/** Where the gateway is says `--url`, else ISOGATE_URL; which variable has the token `--token-env`. */
export function adminOf(
  given: { readonly url?: string | undefined; readonly 'token-env': string },
  { stderr }: Terminal,
): AdminClient {
  const base = baseOf(given.url ?? process.env.ISOGATE_URL)
  const token = process.env[given['token-env']]
  if (!token) throw new UsageError(`expected the admin token in the variable ${given['token-env']}`)
  return {
    async ask(method, path, body) {
      let response: Response
      try {
        response = await fetch(`${base}/_gateway/${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
          ...(body === undefined ? {} : { body: encode(body) }),
          // The token is for this host and no other.
          redirect: 'error',
          signal: AbortSignal.timeout(TIMEOUT_MS),
        })
      } catch (error) {
        const { cause, message } = error as Error
        stderr.write(`isogate: ${base}: ${(cause as Error | undefined)?.message ?? message}\n`)
        return null
      }
      const answer = (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>
      if (response.ok) return answer
      stderr.write(describe(response.status, answer).join('\n'))
      return null
    },
  }
}

function encode(body: object): string | Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body)
}

function baseOf(url: string | undefined): string {
  if (url === undefined) throw new UsageError('expected --url URL, or ISOGATE_URL')
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new UsageError(`--url ${url}: expected an http(s) URL`)
  }
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed.hostname)
  // Over plain http everyone on the way could read the token, and the key that comes back.
  if (parsed.protocol === 'http:' && !isHere) {
    throw new UsageError(
      `--url ${url}: expected https, which only this machine itself can do without`,
    )
  }
  return url.replace(/\/+$/, '')
}

interface BodyProblem {
  readonly pointer: string
  readonly message: string
}

function describe(status: number, problem: Readonly<Record<string, unknown>>): readonly string[] {
  const { code = '', title = 'the gateway refused', detail, problems } = problem
  const lines = ((problems ?? []) as readonly BodyProblem[]).map(
    ({ pointer, message }) => `  ${pointer}: ${message}`,
  )
  return [`isogate: ${status} ${code} ${detail ?? title}`, ...lines, '']
}
