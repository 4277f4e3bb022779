/** The admin surface on memory: what a request to it is answered, as plain data. */

import { bindAdmin } from '../../src/admin/admin.ts'
import type { AdminCall, AdminParts } from '../../src/admin/call.ts'
import type { AdminConfig } from '../../src/admin/config.ts'
import { TableSource } from '../../src/config/source.ts'
import { lookPolicies } from '../../src/config/source-core.ts'
import { catalogue } from '../../src/errors/catalogue.ts'
import { makeRandomness } from '../../src/platform/cloudflare/randomness.ts'
import { makeMemories } from '../../src/platform/memories.ts'
import { MemoryClock } from '../../src/platform/memory/clock.ts'
import { MemoryDocuments } from '../../src/platform/memory/documents.ts'
import { MemoryTableVersions } from '../../src/platform/memory/table-versions.ts'
import { type FakeTable, fakeVersionOf, makeFakeLoad, tableText } from './tables.ts'

export const secret: AdminConfig = { token: 'secret', nextToken: null, hosts: null }

export interface Sent {
  readonly method?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly host?: string
  readonly address?: string
}

export function setUpAdmin(config: AdminConfig = secret) {
  const clock = new MemoryClock(1_000_000)
  const documents = new MemoryDocuments(clock)
  const parts = { documents, clock, timers: clock, versionOf: fakeVersionOf }
  const versions = new MemoryTableVersions(parts).start()
  const ports = {
    ...parts,
    versions,
    memories: makeMemories(),
    randomness: makeRandomness(),
    defer: (work: Promise<unknown>) => void work,
  }
  const load = makeFakeLoad()
  const shared = { load, versionOf: fakeVersionOf, build: 'build-1', portsOf: () => ports }
  const source = new TableSource({ ...shared, policy: lookPolicies.machine })
  const adminParts: AdminParts = { ...shared, config, source, host: 'machine' }
  const admin = bindAdmin(adminParts)

  async function send(path: string, sent: Sent = {}) {
    const { method = 'GET', token, headers = {}, body = null } = sent
    const [pathname = '', query = ''] = path.split(/(?=\?)/)
    const url = `http://${sent.host ?? 'gateway.test'}/_gateway${path}`
    const received: Record<string, string> = { ...headers }
    if (token !== undefined) received.authorization = `Bearer ${token}`
    const call = {
      request: new Request(url, {
        method,
        body: method === 'GET' || method === 'HEAD' ? null : body,
      }),
      method,
      target: { path: `/_gateway${pathname}`, query, host: sent.host ?? 'gateway.test' },
      client: { address: sent.address ?? '192.0.2.1' },
      received,
      ports,
    } as unknown as AdminCall
    const answer = await admin(call)
    if (answer instanceof Response) {
      const text = await answer.text()
      return { code: null, status: answer.status, headers: answer.headers, text, json: parse(text) }
    }
    const { code, headers: fields = {}, members = {} } = answer
    const { status } = catalogue[code]
    return { code, status, headers: new Headers(fields), text: '', json: members }
  }

  const operate = (path: string, sent: Sent = {}) => send(path, { token: 'secret', ...sent })
  const put = (table: FakeTable, headers: Readonly<Record<string, string>> = {}) =>
    operate('/routes', { method: 'PUT', body: tableText(table), headers })
  const look = () => source.look(ports)
  return { adminParts, clock, documents, versions, source, ports, send, operate, put, look }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
