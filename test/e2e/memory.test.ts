/** Nothing that streams is held: the memory of workerd stays flat under large and long bodies. */
import { readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

const MIB = 1024 * 1024
/** The bound that the gateway states: peak above idle. */
const ABOVE_IDLE_BYTES = 64 * MIB

let gateway: Gateway
let origin: Origin
const block = Buffer.alloc(MIB, 'x')

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const { url = '' } = request
    if (url.startsWith('/download/')) sendBlocks(response, Number(url.slice(10)))
    else if (url === '/sse') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      const timer = setInterval(() => response.write(`data: ${'y'.repeat(200)}\n\n`), 20)
      response.on('close', () => clearInterval(timer))
    } else {
      let bytes = 0
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      request.on('end', () => response.end(String(bytes)))
    }
  })
  gateway = await startGateway({
    routes: {
      version: 1,
      upstreams: { origin: { targets: [origin.url] } },
      routes: [
        {
          name: 'all',
          match: { path: '/*' },
          policies: [
            { use: 'request-id' },
            { use: 'log' },
            { use: 'response-headers', set: { 'X-Gateway': 'yes' } },
          ],
          upstream: 'origin',
        },
      ],
    },
  })
  // The first requests load what idle memory includes: code, buffers, connections.
  for (let count = 0; count < 20; count += 1) await (await fetch(`${gateway.url}/warm`)).text()
})

afterAll(async () => {
  await gateway?.stop()
  await origin?.stop()
})

function sendBlocks(response: http.ServerResponse, count: number): void {
  response.writeHead(200, { 'Content-Length': count * MIB })
  let left = count
  function send(): void {
    while (left > 0) {
      left -= 1
      if (!response.write(block)) {
        response.once('drain', send)
        return
      }
    }
    response.end()
  }
  send()
}

/** Bytes of a line of /proc/<pid>/status: VmRSS is now, VmHWM the peak since it was last reset. */
function memory(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${gateway.pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024
}

async function peakDuring(work: () => Promise<void>): Promise<number> {
  // Writing 5 resets the peak (Linux, Documentation/filesystems/proc).
  writeFileSync(`/proc/${gateway.pid}/clear_refs`, '5')
  const idle = memory('VmRSS')
  await work()
  return memory('VmHWM') - idle
}

function download(mebibytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.get(`${gateway.url}/download/${mebibytes}`, { agent: false }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on('end', () => resolve(bytes))
      response.on('error', reject)
    })
  })
}

function upload(mebibytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request(`${gateway.url}/upload`, { method: 'POST', agent: false })
    request.on('response', (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
    request.on('error', reject)
    let left = mebibytes
    function send(): void {
      while (left > 0) {
        left -= 1
        if (!request.write(block)) {
          request.once('drain', send)
          return
        }
      }
      request.end()
    }
    send()
  })
}

test('a download of 1 GiB, an upload of 256 MiB and 100 event streams at once are not held', async () => {
  const streams = Array.from({ length: 100 }, () =>
    http.get(`${gateway.url}/sse`, { agent: false }, (response) => response.resume()),
  )
  for (const stream of streams) stream.on('error', () => {})
  const peak = await peakDuring(async () => {
    const [down, up] = await Promise.all([download(1024), upload(256)])
    expect(down).toBe(1024 * MIB)
    expect(up).toBe(String(256 * MIB))
  })
  for (const stream of streams) stream.destroy()
  expect(peak).toBeLessThanOrEqual(ABOVE_IDLE_BYTES)
})
