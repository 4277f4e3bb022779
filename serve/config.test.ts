import { expect, test } from 'vitest'
import { type Machine, workerdConfig } from './config.ts'

const machine: Machine = {
  settings: {
    compatibilityDate: '2026-11-09',
    compatibilityFlags: ['enable_request_signal'],
    kvBindings: ['KV'],
    objects: [{ binding: 'TABLE', className: 'TableObject' }],
    assets: { binding: 'ASSETS', folder: '/project/public' },
    vars: { REGION: 'eu' },
  },
  configFolder: '/project/.isogate/a',
  modules: {
    worker: '/project/dist/worker.js',
    kv: '/project/dist/kv.js',
    cache: '/project/dist/cache.js',
    assets: '/project/dist/assets.js',
  },
  objectsFolder: 'objects',
  addresses: ['127.0.0.1:8787'],
  kvAddress: 'unix:kv.sock',
  texts: { ISOGATE_HOST: 'machine' },
  fromEnvironment: { SECRET: 'ISOGATE_BINDING_SECRET' },
}
const count = (text: string, part: string) => text.split(part).length - 1

test('modules are embedded by paths relative to the configuration', () => {
  expect(workerdConfig(machine)).toContain('embed "../../dist/worker.js"')
})

test('secrets are named, and their values stand elsewhere', () => {
  expect(workerdConfig(machine)).toContain(
    '(name = "SECRET", fromEnvironment = "ISOGATE_BINDING_SECRET")',
  )
})

test('a variable of wrangler.toml gives way to the one of the command line', () => {
  const text = workerdConfig({ ...machine, fromEnvironment: { REGION: 'ISOGATE_BINDING_REGION' } })
  expect(count(text, 'name = "REGION"')).toBe(1)
})

test('a single gateway owns its objects, a fleet has one owner beside it', () => {
  const single = workerdConfig(machine)
  expect(count(single, 'className = "TableObject"')).toBe(1)
  const addresses = ['127.0.0.1:0', '127.0.0.1:0', '127.0.0.1:0']
  const fleet = workerdConfig({ ...machine, addresses })
  expect(count(fleet, 'serviceName = "objects"')).toBe(3)
  expect(count(fleet, 'uniqueKey = "isogate-TableObject"')).toBe(1)
})
