/**
 * The production bundle with a meter in its objects, and trouble on demand. It stands in the place of the gateway:
 * `POST /_meter { trouble?, kills?, reset? }` sets what happens to calls of objects and tells what was counted.
 * All objects of a process live in one isolate, so that one count is that of the whole fleet.
 */
// Stands for the bundle: build.ts puts its path here.
import worker, { BucketObject as Buckets, UpstreamObject as Upstreams } from 'isogate-bundle'

// All other objects as they are: what stands here by name wins over what comes with the star.
export * from 'isogate-bundle'

const HANG_MS = 60_000 // Longer than any store may take.

let counts = zero()
let trouble = 'none'
let kills = 0

function zero() {
  return { bucketCalls: 0, upstreamCalls: 0, starts: 0, names: [] }
}

async function suffer() {
  if (trouble === 'hang') await new Promise((resolve) => setTimeout(resolve, HANG_MS))
  if (trouble === 'fail') throw new Error('the object fails, as a test asked for')
}

export class BucketObject extends Buckets {
  constructor(context, env) {
    super(context, env)
    if (context.id.name === 'meter') return
    counts.starts += 1
    counts.names.push(context.id.name)
  }

  call(bucket, shape, message) {
    counts.bucketCalls += 1
    if (trouble !== 'none') return suffer()
    if (kills === 0) return super.call(bucket, shape, message)
    kills -= 1
    // Every other one has done its part before: the grant is there, and nobody hears of it.
    if (kills % 2 === 0) super.call(bucket, shape, message)
    this.ctx.abort('killed, as a test asked for')
    return null
  }

  /** Of the object called `meter`, which counts nothing itself. */
  meter(question) {
    trouble = question.trouble ?? trouble
    kills = question.kills ?? kills
    const seen = counts
    if (question.reset) counts = zero()
    return { ...seen, kills }
  }
}

export class UpstreamObject extends Upstreams {
  exchange(report) {
    counts.upstreamCalls += 1
    return trouble === 'none' ? super.exchange(report) : suffer()
  }
}

let isOverloaded = false

/** The runtime says so of an object with too many calls: a test cannot bring that about in a short time. */
const overloadedBuckets = {
  getByName: () => ({
    call: () => Promise.reject(Object.assign(new Error('overloaded'), { overloaded: true })),
  }),
}

export default {
  async fetch(request, env, context) {
    if (request.method === 'POST' && request.url.endsWith('/_meter')) {
      const question = await request.json()
      isOverloaded = question.overloaded ?? isOverloaded
      return Response.json(await env.BUCKETS.getByName('meter').meter(question))
    }
    return worker.fetch(
      request,
      isOverloaded ? { ...env, BUCKETS: overloadedBuckets } : env,
      context,
    )
  },
}
