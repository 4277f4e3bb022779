/** `GET /_gateway/problems/<code>`: the page behind a problem's `type` (RFC 9457 §3.1.1), from the catalogue. */
import { type Code, catalogue, codeOf, slugOf } from '../errors/catalogue.ts'
import { refuse } from '../errors/refusal.ts'
import { escapeHtml } from '../http/html.ts'
import { chooseForm } from '../http/problem.ts'
import type { AdminCall, AdminHandler } from './call.ts'

// Nothing may load, run, be framed or sent: the page is text and links.
const securityPolicy =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** One problem. */
export const problemPage: AdminHandler = function problemPage(call, { code: slug = '' }) {
  const code = codeOf(slug)
  if (code === null) return refuse('ADMIN_NOT_FOUND')
  const problem = describe(code)
  const { title, status, fault, advice } = problem
  return inForm(call, problem, () =>
    page(title, [
      `<p><code>${escapeHtml(code)}</code>, status ${status}</p>`,
      `<p>${escapeHtml(advice)}</p>`,
      `<p>Who can act: ${escapeHtml(whoCanAct[fault])}.</p>`,
      '<p><a href="./">All problems</a></p>',
    ]),
  )
}

/** All of them. */
export const problemList: AdminHandler = function problemList(call) {
  const problems = (Object.keys(catalogue) as Code[]).map(describe)
  return inForm(call, { problems }, () => {
    const items = problems.map(
      ({ code, title, status }) =>
        `<li><a href="/_gateway/problems/${slugOf(code)}">${escapeHtml(code)}</a> (${status}): ${escapeHtml(title)}</li>`,
    )
    return page('Problems of this gateway', ['<ul>', ...items, '</ul>'])
  })
}

const whoCanAct = {
  client: 'the client that sent the request',
  operator: 'the operator of this gateway',
  upstream: 'the operator of the service behind it',
  gateway: 'the operator of this gateway, with its authors',
}

function describe(code: Code) {
  const { title, status, fault, advice } = catalogue[code]
  return { code, title, status, fault, advice }
}

function inForm({ received }: AdminCall, value: unknown, html: () => string): Response {
  // Plain text has no form of its own here: JSON can be read as it.
  if (chooseForm(received.accept ?? null) !== 'html') {
    return Response.json(value, { headers: { Vary: 'Accept' } })
  }
  return new Response(html(), {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': securityPolicy,
      Vary: 'Accept',
    },
  })
}

function page(title: string, lines: readonly string[]): string {
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`,
    `<body><h1>${escapeHtml(title)}</h1>`,
    ...lines,
    '</body></html>',
    '',
  ].join('\n')
}
