/**
 * Static files on one machine, in the way of Cloudflare's assets service: media types, index.html, pages
 * without their `.html`, conditional requests. workerd's disk service knows only names and bytes.
 */
import { mediaType } from './media-type.ts'

interface AssetsEnv {
  /** workerd's disk service: GET and HEAD of one path; a directory comes as application/json. */
  readonly DISK: Fetcher
}

export default {
  async fetch(request: Request, env: AssetsEnv): Promise<Response> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { Allow: 'GET, HEAD' } })
    }
    const path = new URL(request.url).pathname
    for (const candidate of candidates(path)) {
      const file = await env.DISK.fetch(`http://disk${candidate}`, { method: request.method })
      if (file.ok && file.headers.get('Content-Type') !== 'application/json') {
        // Links in a folder's page are relative to the folder.
        if (candidate === `${path}/index.html`) return redirectTo(`${path}/`)
        return fromFile(file, candidate, request.headers)
      }
      await file.body?.cancel()
    }
    return new Response(null, { status: 404 })
  },
} satisfies ExportedHandler<AssetsEnv>

/** The files that may stand for a path, in this order. */
function candidates(path: string): readonly string[] {
  if (path.endsWith('/')) return [`${path}index.html`]
  return [path, `${path}.html`, `${path}/index.html`]
}

function redirectTo(path: string): Response {
  return new Response(null, { status: 307, headers: { Location: path } })
}

function fromFile(file: Response, path: string, asked: Headers): Response {
  const modified = file.headers.get('Last-Modified') ?? ''
  const length = file.headers.get('Content-Length') ?? ''
  // Weak: two writes within the second that Last-Modified resolves look alike.
  const etag = `W/"${Number(length).toString(16)}-${(Date.parse(modified) / 1000 || 0).toString(16)}"`
  const headers = new Headers({
    'Content-Type': mediaType(path),
    'Cache-Control': 'public, max-age=0, must-revalidate', // What Cloudflare sends with its assets.
    ETag: etag,
  })
  const tags = asked.get('If-None-Match')?.split(',') ?? []
  if (tags.some((tag) => tag.trim() === etag || tag.trim() === '*')) {
    return new Response(null, { status: 304, headers })
  }
  if (length !== '') headers.set('Content-Length', length)
  return new Response(file.body, { headers })
}
