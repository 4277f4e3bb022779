import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

test('settings that are empty, null or absent are not set', () => {
  const admin = { token: null, nextToken: null, hosts: null }
  const unset = { host: 'cloudflare', build: '', log: 'json', admin }
  expect(readSettings({})).toEqual(unset)
  const empty = { ADMIN_TOKEN: '', ADMIN_TOKEN_NEXT: null, ADMIN_HOSTS: undefined }
  expect(readSettings({ ...empty, ISOGATE_BUILD: '', ISOGATE_LOG: 'loud' })).toEqual(unset)
})

test("the build is named by the launcher, else by Cloudflare's version", () => {
  const env = { CF_VERSION_METADATA: { id: 'v1' } }
  expect(readSettings(env).build).toBe('v1')
  expect(readSettings({ ...env, ISOGATE_BUILD: 'b1' }).build).toBe('b1')
})

test('hosts are read as a list of names', () => {
  const { hosts } = readSettings({ ADMIN_HOSTS: ' Admin.Example.com., ops.example.com,' }).admin
  expect(hosts).toEqual(new Set(['admin.example.com', 'ops.example.com']))
})

test('a list of hosts that names none hides the surface everywhere', () => {
  expect(readSettings({ ADMIN_HOSTS: ' , ' }).admin.hosts).toEqual(new Set())
})
