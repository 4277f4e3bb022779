/** The origin where nginx is not installed: `node node-origin.ts PORT BODY DOCUMENTS`, the last a JSON object of bodies by path. */
import { createServer } from 'node:http'

const [port = '0', body = '', others = '{}'] = process.argv.slice(2)
const documents = new Map<string, string>(Object.entries(JSON.parse(others)))
const headers = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  etag: '"abc"',
}
const server = createServer(({ url = '' }, response) => {
  const text = documents.get(url.split('?', 1)[0] ?? '') ?? body
  response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text)
})
server.keepAliveTimeout = 0
server.listen(Number(port), '127.0.0.1', 1024)
