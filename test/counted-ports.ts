/** Ports that count what waits for its headers at a time, as the runtime would: for tests of how many at most. */
import type { AnswerStore } from '../src/cache/answer.ts'
import type { Ports } from '../src/platform/ports.ts'

export interface Peaks {
  /** Everything that takes a connection. */
  all: number
  fetches: number
}

type Method = (...given: never[]) => Promise<unknown>

export function countPorts(ports: Ports): { readonly ports: Ports; readonly peaks: Peaks } {
  const peaks: Peaks = { all: 0, fetches: 0 }
  const open = { all: 0, fetches: 0 }

  function counted<Given extends Method>(kind: 'fetch' | 'store', method: Given): Given {
    async function count(...given: Parameters<Given>): Promise<unknown> {
      open.all += 1
      if (kind === 'fetch') open.fetches += 1
      peaks.all = Math.max(peaks.all, open.all)
      peaks.fetches = Math.max(peaks.fetches, open.fetches)
      try {
        return await method(...given)
      } finally {
        open.all -= 1
        if (kind === 'fetch') open.fetches -= 1
      }
    }
    return count as unknown as Given
  }

  function countedStore(store: AnswerStore): AnswerStore {
    return {
      get: counted('store', (key: string) => store.get(key)),
      put: counted('store', (...given: Parameters<AnswerStore['put']>) => store.put(...given)),
      delete: counted('store', (key: string) => store.delete(key)),
    }
  }

  const { network, buckets, upstreams, answers, fills, responses } = ports
  return {
    peaks,
    ports: {
      ...ports,
      defer: (work) => ports.defer(work),
      network: {
        send: counted('fetch', (call) => network.send(call)),
        sendTo: counted('fetch', (binding, call) => network.sendTo(binding, call)),
        ...(network.canConnect === undefined
          ? {}
          : { canConnect: counted('store', (...given) => network.canConnect!(...given)) }),
      },
      buckets: {
        call: counted('store', (...given) => buckets.call(...given)),
        look: counted('store', (...given) => buckets.look(...given)),
        change: counted('store', (...given) => buckets.change(...given)),
      },
      upstreams: {
        exchange: counted('store', (...given) => upstreams.exchange(...given)),
        command: counted('store', (...given) => upstreams.command(...given)),
      },
      answers: { edge: countedStore(answers.edge), global: countedStore(answers.global) },
      fills: {
        begin: counted('store', (...given) => fills.begin(...given)),
        land: counted('store', (...given) => fills.land(...given)),
        forget: counted('store', (key) => fills.forget(key)),
      },
      responses: {
        get: counted('store', (key) => responses.get(key)),
        put: counted('store', (...given) => responses.put(...given)),
      },
    },
  }
}
