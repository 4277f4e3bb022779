/** The limit: a Worker that does nothing but pass the request on. */

interface Bindings {
  readonly ORIGIN: string
}

export default {
  fetch(request, { ORIGIN }) {
    // Behind "https://" at the earliest: where the path begins.
    return fetch(ORIGIN + request.url.slice(request.url.indexOf('/', 8)), request)
  },
} satisfies ExportedHandler<Bindings>
