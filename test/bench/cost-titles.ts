/**
 * Single things that a Worker may do beside passing a request on: the ground of several decisions on the hot
 * path. Each is done by a small Worker (workers/costs.ts) that else does what the first one does.
 */

export const costs = {
  plain: 'Nothing: `fetch(url, { method, headers: request.headers, body: null })`',
  body: '`request.body` of a GET, passed on',
  read: '`headers.forEach` over all fields of the request',
  object: '… into a fast object, six fields added, sent as `headers`',
  dictionary: '… the same with `Object.create(null)`',
  pairs: '… the same with a list of pairs',
  copy: '`new Headers(request.headers)` and six `set`',
  request: '`new Request(url, request)` and six `headers.set`',
  controller: '`AbortController`, its signal passed to `fetch`',
  timer: '`setTimeout` and `clearTimeout`',
  timeout: '`AbortSignal.timeout`, passed to `fetch`',
  signal: '`request.signal`, passed to `fetch`',
  listener: 'A listener on `request.signal`',
  retaining: 'A listener that holds 4 kB: they live until a full garbage collection',
  answer: '`response.status` and one `headers.get`',
  rewrap: '`new Response(body, response)` and one `headers.set`',
  defer: '`context.waitUntil` of a promise that is done',
  log: '`console.log` of 350 bytes',
  nested: 'Five nested async functions',
} as const

export type Cost = keyof typeof costs
