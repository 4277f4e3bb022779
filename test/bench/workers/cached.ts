/** The limit of a cache: a Worker that looks into the Cache API, and passes on what is not there. */

interface Bindings {
  readonly ORIGIN: string
}

export default {
  async fetch(request, { ORIGIN }, context) {
    const known = await caches.default.match(request)
    if (known !== undefined) return known
    // Behind "https://" at the earliest: where the path begins.
    const answer = await fetch(ORIGIN + request.url.slice(request.url.indexOf('/', 8)), request)
    const kept = new Response(answer.body, answer)
    kept.headers.set('Cache-Control', 'max-age=3600')
    context.waitUntil(caches.default.put(request, kept.clone()))
    return kept
  },
} satisfies ExportedHandler<Bindings>
