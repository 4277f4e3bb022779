/**
 * Problem details (RFC 9457): renders a refusal for the client that asked. Never an internal address, a stack,
 * a secret, or a value of a header or query: only what the refusal says.
 */
import { type Code, catalogue, slugOf } from '../errors/catalogue.ts'
import type { Refusal } from '../errors/refusal.ts'
import { chooseMediaType } from './accept.ts'
import { escapeHtml } from './html.ts'

/** What a problem says of the request that met it. */
export interface ProblemContext {
  /** `https://host[:port]` of the request, or empty: then `type` is relative. */
  readonly origin: string
  /** The request id. */
  readonly instance: string
  readonly route: string | null
  /** The Accept field as received, or null. */
  readonly accept: string | null
  readonly method: string
}

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"

/** The members of a problem (RFC 9457 §3). */
export function problemOf(
  refusal: Refusal,
  { origin, instance, route }: Pick<ProblemContext, 'origin' | 'instance' | 'route'>,
) {
  const entry = catalogue[refusal.code]
  const { status = entry.status } = refusal
  return {
    type: problemType(refusal.code, origin),
    title: entry.title,
    status,
    ...(refusal.detail === undefined ? {} : { detail: refusal.detail }),
    instance,
    code: refusal.code,
    ...(route === null ? {} : { route }),
    ...refusal.members,
  }
}

/** The response for a refusal: JSON, or HTML or text for a client that takes nothing else. */
export function renderProblem(refusal: Refusal, context: ProblemContext): Response {
  const entry = catalogue[refusal.code]
  const { status = entry.status } = refusal
  const problem = problemOf(refusal, context)
  const form = chooseForm(context.accept)
  const headers = new Headers(refusal.headers)
  headers.set('content-type', contentTypes[form])
  headers.set('cache-control', 'no-store')
  headers.set('vary', 'Accept')
  if (form === 'html') headers.set('content-security-policy', policy)
  headers.set('x-content-type-options', 'nosniff')
  const body = context.method === 'HEAD' ? null : render[form](problem, entry.advice)
  return new Response(body, { status, headers })
}

/** Where the problem pages of a request stand: `https://host[:port]` as the client asked, empty where it named none. */
export function originOf({
  scheme,
  authority,
}: {
  readonly scheme: string
  readonly authority: string
}): string {
  return authority === '' ? '' : `${scheme}://${authority}`
}

/** The IANA problem type where one is registered, else the gateway's own page. */
export function problemType(code: Code, origin: string): string {
  return registeredTypes[code] ?? `${origin}/_gateway/problems/${slugOf(code)}`
}

const quotaExceeded = 'https://iana.org/assignments/http-problem-types#quota-exceeded'

/** https://www.iana.org/assignments/http-problem-types */
const registeredTypes: Partial<Record<Code, string>> = {
  RATE_LIMITED: quotaExceeded,
  QUOTA_EXCEEDED: quotaExceeded,
  CONCURRENCY_LIMITED: quotaExceeded,
  CAPACITY_REDUCED: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
}

type Form = 'json' | 'html' | 'text'

const contentTypes: Record<Form, string> = {
  json: 'application/problem+json',
  html: 'text/html; charset=utf-8',
  text: 'text/plain; charset=utf-8',
}

/** JSON, unless the client would rather have HTML or text; JSON too where it takes none of them. */
export function chooseForm(accept: string | null): Form {
  return forms.get(chooseMediaType(accept, offered) ?? '') ?? 'json'
}

/** The media types that an Accept may ask for, those of JSON first. */
const forms: ReadonlyMap<string, Form> = new Map([
  ['application/problem+json', 'json'],
  ['application/json', 'json'],
  ['text/html', 'html'],
  ['text/plain', 'text'],
])
const offered = [...forms.keys()]

type ProblemBody = Record<string, unknown> & { title: string; status: number }

const render: Record<Form, (problem: ProblemBody, advice: string) => string> = {
  json: (problem) => JSON.stringify(problem),
  html: (problem, advice) =>
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(problem.title)}</title>` +
    '<style>body{font:1rem/1.5 system-ui;max-width:42rem;margin:3rem auto;padding:0 1rem}dt{font-weight:600}</style>' +
    `<h1>${problem.status}</h1><p>${escapeHtml(problem.title)}</p><p>${escapeHtml(advice)}</p><dl>${lines(
      problem,
    )
      .map(([key, value]) => `<dt>${escapeHtml(key)}</dt><dd>${escapeHtml(value)}</dd>`)
      .join('')}</dl></html>`,
  text: (problem, advice) =>
    `${problem.status} ${problem.title}\n${advice}\n${lines(problem)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join('')}`,
}

function lines(problem: ProblemBody): (readonly [string, string])[] {
  return Object.entries(problem)
    .filter(([key]) => key !== 'title' && key !== 'status')
    .map(
      ([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    )
}
