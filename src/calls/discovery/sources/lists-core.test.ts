import { expect, test } from 'vitest'
import { consulPath, listConsul, nextIndex } from './consul-core.ts'
import { listDns } from './dns-core.ts'
import { afterRevision, judgeEvents, listRange, rangeOf } from './etcd-core.ts'
import { judgeChange, kubernetesPath, listSlices } from './kubernetes-core.ts'

const dns = {
  kind: 'dns',
  record: 'srv',
  name: 'x',
  port: null,
  scheme: null,
  resolver: 'r',
} as const
const consul = {
  kind: 'consul',
  url: 'http://c',
  service: 'users',
  passing: true,
  tag: null,
  scheme: null,
  token: null,
} as const
const kubernetes = {
  kind: 'kubernetes',
  url: 'http://k',
  namespace: 'shop',
  service: 'users',
  port: null,
  scheme: null,
  token: null,
} as const

const srv = (host: string, priority: number, weight: number, ttlSeconds = 60) =>
  ({ type: 'SRV', ttlSeconds, priority, weight, port: 8080, host }) as const

test('priorities of SRV become ranks, weights keep their shares, and the shortest TTL holds', () => {
  const records = [srv('a', 20, 0, 30), srv('b', 10, 5), srv('c', 10, 0)]
  expect(listDns({ kind: 'answer', code: 0, records, negativeSeconds: null }, dns)).toEqual({
    listed: [
      { url: 'http://a:8080', weight: 1, priority: 1 },
      { url: 'http://b:8080', weight: 50, priority: 0 },
      { url: 'http://c:8080', weight: 1, priority: 0 },
    ],
    ttlMs: 30_000,
  })
})

test('a service that is said not to be there has no targets', () => {
  const records = [srv('', 0, 0)]
  expect(listDns({ kind: 'answer', code: 0, records, negativeSeconds: null }, dns)?.listed).toEqual(
    [],
  )
})

test('a name that does not exist is an empty list, a resolver that fails is none', () => {
  const answer = (code: number) =>
    ({ kind: 'answer', code, records: [], negativeSeconds: 10 }) as const
  expect(listDns(answer(3), dns)).toEqual({ listed: [], ttlMs: 10_000 })
  expect(listDns(answer(0), dns)).toEqual({ listed: [], ttlMs: 10_000 })
  expect(listDns(answer(2), dns)).toBeNull()
  expect(listDns({ kind: 'unreadable' }, dns)).toBeNull()
})

test('an instance of Consul without an address runs at that of its node', () => {
  const json = [
    { Node: { Address: '10.0.0.9' }, Service: { Address: '', Port: 80, Weights: { Passing: 3 } } },
    { Node: { Address: '10.0.0.9' }, Service: { Address: '10.0.0.1', Port: 8443 } },
    { Node: {}, Service: { Port: 80 } },
  ]
  expect(listConsul(json, { ...consul, scheme: 'https' })).toEqual([
    { url: 'https://10.0.0.9:80', weight: 3 },
    { url: 'https://10.0.0.1:8443' },
    null,
  ])
  expect(listConsul({ error: 'x' }, consul)).toBeNull()
})

test('a blocking query of Consul carries the index and how long to wait', () => {
  expect(consulPath({ ...consul, tag: 'v2' }, { index: '7', seconds: 30 })).toBe(
    '/v1/health/service/users?passing=true&tag=v2&index=7&wait=30s',
  )
  expect(consulPath({ ...consul, passing: false, service: 'a/b' }, null)).toBe(
    '/v1/health/service/a%2Fb',
  )
})

test.each([
  ['8', '7', '8'],
  ['7', '7', '7'],
  ['6', '7', null],
  ['0', null, null],
  ['x', null, null],
  [null, '7', null],
])('the index %s after %s goes on with %s', (given, before, next) => {
  expect(nextIndex(given, before)).toBe(next)
})

test('endpoints that are ready are targets, those that end and still serve drain', () => {
  const json = {
    metadata: { resourceVersion: '42' },
    items: [
      {
        ports: [
          { name: 'metrics', port: 9090 },
          { name: 'http', port: 8080 },
        ],
        endpoints: [
          { addresses: ['10.0.0.1', '10.9.9.9'], conditions: { ready: true } },
          { addresses: ['10.0.0.2'] },
          { addresses: ['10.0.0.3'], conditions: { ready: false } },
          {
            addresses: ['10.0.0.4'],
            conditions: { ready: false, serving: true, terminating: true },
          },
          { addresses: ['2001:db8::1'], conditions: { ready: null } },
        ],
      },
      { ports: [{ name: 'other', port: 1 }], endpoints: [{ addresses: ['10.0.0.5'] }] },
      { ports: null, endpoints: null },
    ],
  }
  expect(listSlices(json, { ...kubernetes, port: 'http' })).toEqual({
    version: '42',
    listed: [
      { url: 'http://10.0.0.1:8080', draining: false },
      { url: 'http://10.0.0.2:8080', draining: false },
      { url: 'http://10.0.0.4:8080', draining: true },
      { url: 'http://[2001:db8::1]:8080', draining: false },
    ],
  })
  expect(listSlices(json, { ...kubernetes, port: 9090 })?.listed).toHaveLength(4)
  expect(listSlices({ kind: 'Status', code: 403 }, kubernetes)).toBeNull()
})

test('a watch of Kubernetes begins where the list ended', () => {
  const query = kubernetesPath(kubernetes, { version: '42', seconds: 30 }).split('?')
  expect(query[0]).toBe('/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices')
  expect(Object.fromEntries(new URLSearchParams(query[1]))).toEqual({
    labelSelector: 'kubernetes.io/service-name=users',
    watch: 'true',
    resourceVersion: '42',
    timeoutSeconds: '30',
  })
})

test('changes are read anew, and so is a list that is too old to go on from', () => {
  const types = ['ADDED', 'MODIFIED', 'DELETED', 'ERROR', 'BOOKMARK']
  expect(types.map((type) => judgeChange({ type }))).toEqual([
    'changed',
    'changed',
    'changed',
    'changed',
    null,
  ])
})

const base64 = (text: string) => btoa(text)

test('the range of etcd ends behind the last key with the prefix', () => {
  expect(rangeOf('/users/')).toEqual({ key: base64('/users/'), range_end: base64('/users0') })
})

test('values of etcd are URLs, entries, or the form of its own clients', () => {
  const values = [
    'http://a',
    ' {"url":"http://b","weight":2}',
    '{"Op":0,"Addr":"10.0.0.1:80"}',
    '{broken',
  ]
  const json = { header: { revision: '9' }, kvs: values.map((value) => ({ value: base64(value) })) }
  expect(listRange(json)).toEqual({
    revision: '9',
    listed: ['http://a', { url: 'http://b', weight: 2 }, { url: 'http://10.0.0.1:80' }, null],
  })
  expect(listRange({ header: { revision: '9' } })).toEqual({ revision: '9', listed: [] })
  expect(listRange({ error: 'etcdserver: no leader' })).toBeNull()
})

test('a watch of etcd begins after the revision of the list', () => {
  expect(afterRevision('9007199254740993')).toBe('9007199254740994')
})

test('events of etcd and a compacted revision mean that the list is read anew', () => {
  expect(judgeEvents({ result: { created: true } })).toBeNull()
  expect(judgeEvents({ result: { events: [{}] } })).toBe('changed')
  expect(judgeEvents({ result: { canceled: true, compact_revision: '5' } })).toBe('changed')
  expect(judgeEvents({ error: { message: 'auth' } })).toBe('failed')
})
