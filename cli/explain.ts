/** `isogate explain FILE METHOD URL`: which route answers, which lost and by which rule, which policies run. */
import { parseArgs } from 'node:util'
import type { Plan } from '../src/config/plan.ts'
import { choosePolicies } from '../src/config/policies.ts'
import type { RouteTable } from '../src/config/schema.ts'
import { catalogue } from '../src/errors/catalogue.ts'
import type { Refusal } from '../src/errors/refusal.ts'
import { describeLoss, type Explained } from '../src/match/explain.ts'
import type { Found } from '../src/match/matcher.ts'
import type { Subject } from '../src/match/subject.ts'
import { bindWhen } from '../src/match/when.ts'
import { readBody } from '../src/pipeline/body.ts'
import {
  type Command,
  environmentOptions,
  readEnvironment,
  readText,
  type Terminal,
  tellProblems,
  UsageError,
} from './command.ts'
import { answerOf, describeCalls, describePolicy } from './describe.ts'
import { judge } from './judge.ts'
import { type AskedRequest, readBodyFile, readSubject } from './request.ts'

const options = {
  ...environmentOptions,
  header: { type: 'string', short: 'H', multiple: true, default: [] as string[] },
  body: { type: 'string' },
  ip: { type: 'string' },
  country: { type: 'string' },
  continent: { type: 'string' },
  asn: { type: 'string' },
} as const

export const explain: Command = async (args, terminal) => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const [file, method, url, ...more] = positionals
  if (file === undefined || method === undefined || url === undefined || more.length > 0) {
    throw new UsageError(`expected FILE METHOD URL, found ${positionals.length} arguments`)
  }
  const text = readText(file)
  const { loaded, problems } = judge(text, readEnvironment(values))
  if (loaded === null) {
    tellProblems(file, text, problems, terminal)
    return 1
  }
  const request: AskedRequest = {
    method,
    url,
    headers: values.header,
    body: values.body === undefined ? null : readBodyFile(values.body),
    client: {
      address: values.ip ?? null,
      country: values.country ?? null,
      continent: values.continent ?? null,
      asn: values.asn === undefined ? null : Number(values.asn),
      colo: null,
    },
  }
  return explainRequest(request, loaded, terminal)
}

interface Loaded {
  readonly plan: Plan
  readonly table: RouteTable
}

async function explainRequest(request: AskedRequest, { plan, table }: Loaded, to: Terminal) {
  const unread = readSubject(request, plan)
  if (isRefusal(unread)) return tellRefusal(unread, to)
  to.stdout.write(`${unread.method} host ${unread.host} path ${unread.path}\n`)
  if (/^\/_gateway(\/|$)/.test(unread.path)) {
    to.stdout.write('answered by the gateway itself: /_gateway is reserved\n')
    return 0
  }
  const subject = await withBody(unread, request, plan)
  if (isRefusal(subject)) return tellRefusal(subject, to)
  const found = find(subject, plan)
  const explained = plan.matcher.explain(subject)
  if (found.kind === 'matched') {
    tellWinner(found, { plan, table }, subject, to)
  } else tellNone(found, to)
  tellLosers(explained, plan, to)
  return found.kind === 'matched' ? 0 : 1
}

/** The body is read where a route in the running asks for it, or where there is one at all. */
async function withBody(subject: Subject, { body }: AskedRequest, plan: Plan) {
  const found = plan.matcher.find(subject)
  const limitBytes = found.kind === 'needs-body' ? found.limitBytes : Number.MAX_SAFE_INTEGER
  const read = await readBody({ received: subject.headers, outgoing: { body } }, limitBytes)
  return isRefusal(read) ? read : { ...subject, body: read }
}

function find(subject: Subject, plan: Plan): Found {
  const asked = subject.headers['access-control-request-method']
  if (subject.method === 'OPTIONS' && subject.headers.origin !== undefined && asked !== undefined) {
    const found = plan.matcher.findPreflight({ ...subject, method: asked })
    if (found.kind === 'matched' && plan.routes[found.route]?.preflight !== null) return found
  }
  return plan.matcher.find(subject)
}

const isRefusal = (value: object): value is Refusal => 'kind' in value && value.kind === 'refused'

function tellRefusal({ code, detail }: Refusal, to: Terminal): 1 {
  const { status, title } = catalogue[code]
  to.stdout.write(`no route is looked for: ${status} ${code}, ${detail ?? title}\n`)
  return 1
}

function tellWinner(
  found: Extract<Found, { kind: 'matched' }>,
  { plan, table }: Loaded,
  subject: Subject,
  to: Terminal,
) {
  const bound = plan.routes[found.route]!
  const route = table.routes[found.route]!
  const params = Object.entries(found.params).map(([name, value]) => `${name}=${value}`)
  to.stdout.write(`\nroute ${bound.name} answers, by ${found.pattern}\n`)
  if (params.length > 0) to.stdout.write(`  params  ${params.join(', ')}\n`)
  if (bound.missing.length > 0) {
    const names = [...new Set(bound.missing.map(({ name }) => name))].join(', ')
    to.stdout.write(`  answers 500 ROUTE_UNAVAILABLE until there is ${names}\n`)
  }
  if (subject.method === 'OPTIONS' && bound.preflight !== null) {
    to.stdout.write('  a CORS preflight runs only observers, filters and cors\n')
  }
  // Both lists come from the same choice, in the same order.
  const chosen = choosePolicies(table, route, found.route)
  for (const [index, policy] of bound.policies.entries()) {
    const when = chosen[index]?.entry.when
    const runs = when === undefined || bindWhen(when)(subject)
    const verb = runs ? 'runs   ' : 'left out'
    const reason = runs ? askedOf(when) : ': its `when` does not hold'
    to.stdout.write(`  ${verb} ${policy.stage}: ${describePolicy(policy)}${reason}\n`)
  }
  to.stdout.write(`  answer  ${answerOf(route)}\n`)
  for (const call of describeCalls(route)) to.stdout.write(`  call    ${call}\n`)
}

function tellNone(found: Exclude<Found, { kind: 'matched' }>, to: Terminal) {
  switch (found.kind) {
    case 'method-not-allowed':
      to.stdout.write(`\nno route answers: 405, the path takes ${found.allow.join(', ')}\n`)
      return
    case 'refused':
      to.stdout.write(`\nno route answers: ${found.code}\n`)
      return
    case 'not-found':
    case 'needs-body':
      to.stdout.write('\nno route answers: 404\n')
  }
}

// More is no explanation; what failed by host or path is the first to go.
const MAX_LOSERS = 20

function tellLosers(explained: readonly Explained[], plan: Plan, to: Terminal) {
  const nameOf = (route: number) => plan.routes[route]?.name ?? '?'
  const lost = explained.flatMap(({ route, pattern, verdict }) =>
    verdict.kind === 'won' ? [] : [{ route, pattern, by: verdict.by }],
  )
  const isFar = ({ by }: (typeof lost)[number]) => by.kind === 'host' || by.kind === 'path'
  const shown = [...lost.filter((one) => !isFar(one)), ...lost.filter(isFar)].slice(0, MAX_LOSERS)
  if (shown.length > 0) to.stdout.write('\nlost\n')
  for (const { route, pattern, by } of shown) {
    to.stdout.write(`  ${nameOf(route)} (${pattern}) by ${describeLoss(by, nameOf)}\n`)
  }
  if (lost.length > shown.length) to.stdout.write(`  and ${lost.length - shown.length} more\n`)
}

/** Who is calling is not known here. */
function askedOf(when: object | undefined): string {
  return when !== undefined && 'consumer' in when ? ', if the caller is one of `when.consumer`' : ''
}
