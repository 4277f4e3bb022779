/** The origin where nginx is not installed: `node node-origin.ts PORT BODY`. */
import { createServer } from 'node:http'

const [port = '0', body = ''] = process.argv.slice(2)
const headers = {
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(body),
  'cache-control': 'no-store',
  etag: '"abc"',
}
const server = createServer((_, response) => {
  response.writeHead(200, headers).end(body)
})
server.keepAliveTimeout = 0
server.listen(Number(port), '127.0.0.1', 1024)
