/** What is stored streams to client and store at once: the memory of workerd stays flat beside what its cache holds. */
import { readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

const MIB = 1024 * 1024
/** As for bodies that only pass through; twice as much where pieces wait for the collector. */
const ABOVE_IDLE_BYTES = 64 * MIB

let gateway: Gateway
let origin: Origin
const block = Buffer.alloc(MIB, 'x')

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const [, mebibytes = '1'] = /^\/(\d+)\//.exec(request.url ?? '') ?? []
    const count = Number(mebibytes)
    response.writeHead(200, { 'Content-Length': count * MIB, 'Cache-Control': 'max-age=600' })
    let left = count
    const send = () => {
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
  })
  gateway = await startGateway({
    log: 'off',
    routes: {
      version: 1,
      upstreams: { origin: { targets: [origin.url] } },
      routes: [
        {
          name: 'all',
          match: { path: '/*' },
          policies: [{ use: 'cache', early: 0 }],
          upstream: 'origin',
        },
      ],
    },
  })
  // The first requests load what idle memory includes: code, buffers, connections.
  for (let count = 0; count < 20; count += 1) await download(`/3/warm-${count % 2}`)
})

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

function download(path: string, pauseMs = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    http
      .get(`${gateway.url}${path}`, { agent: false }, (response) => {
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (pauseMs === 0) return
          response.pause()
          setTimeout(() => response.resume(), pauseMs)
        })
        response.on('end', () => resolve(bytes))
        response.on('error', reject)
      })
      .on('error', reject)
  })
}

test('512 MiB, more than is kept of one answer, are not held', async () => {
  const peak = await peakDuring(async () => {
    expect(await download('/512/large')).toBe(512 * MIB)
  })
  expect(peak).toBeLessThanOrEqual(ABOVE_IDLE_BYTES)
})

test('of four slow clients of 60 MiB each none has its answer held for it', async () => {
  const peak = await peakDuring(async () => {
    const paths = ['/60/a', '/60/b', '/60/c', '/60/d']
    const sizes = await Promise.all(paths.map((path) => download(path, 1)))
    expect(sizes).toEqual(Array(4).fill(60 * MIB))
  })
  // Held whole they would be 240 MiB; each has some MiB in wait for the store, and twice that for the collector.
  expect(peak).toBeLessThanOrEqual(3 * ABOVE_IDLE_BYTES)
})

test('200 downloads of 3 MiB out of the store, eight at a time, hold little beside what is stored', async () => {
  const peak = await peakDuring(async () => {
    let left = 200
    const lane = async () => {
      while (left > 0) {
        left -= 1
        expect(await download(`/3/warm-${left % 2}`)).toBe(3 * MIB)
      }
    }
    await Promise.all(Array.from({ length: 8 }, lane))
  })
  expect(peak).toBeLessThanOrEqual(2 * ABOVE_IDLE_BYTES)
})
