import { expect, test } from 'vitest'
import { profilesSchema } from './schema.ts'

function problemsOf(options: object): readonly string[] {
  const { error } = profilesSchema.safeParse({ use: 'profiles', ...options })
  return (error?.issues ?? []).map(({ path }) => `/${path.join('/')}`)
}

const mobile = { when: { headers: { 'sec-ch-ua-mobile': '?1' } } }

test.each([
  { by: ['header.x-client'], profiles: { mobile: {}, web: {} } },
  { profiles: { mobile, web: {} }, default: 'web' },
  { profiles: { mobile }, hints: 'critical' },
  { profiles: { mobile }, hints: false },
  { profiles: { mobile: { when: [mobile.when, { path: '/m/*' }] } }, hints: true },
  { by: ['header.save-data'], profiles: { on: {} }, hints: true },
  {
    by: ['claims.client'],
    profiles: {
      partner: {
        when: { consumer: { plans: ['gold'] }, client: { countries: ['DE'] } },
        request: {
          headers: { set: { 'X-Depth': '${consumer.plan}' }, remove: ['cookie'] },
          query: { set: { depth: '2' }, remove: ['debug'] },
        },
        response: {
          pick: ['a'],
          json: '$',
          fields: 'only',
          negotiate: ['json', 'xml', 'csv'],
          xml: { root: 'r' },
          csv: { header: false },
        },
      },
    },
    header: 'X-Profile',
    answerHeader: 'X-Profile',
    maxBytes: 1000,
    onTooLarge: 'pass',
  },
])('%j is taken', (options) => {
  expect(problemsOf(options)).toEqual([])
})

test.each([
  [{ by: ['header.x-client'] }, ['/profiles']],
  [{ by: ['header.x-client'], profiles: {} }, ['/profiles']],
  [{ by: ['header'], profiles: { a: {} } }, ['/by/0']],
  [{ by: ['nobody.x'], profiles: { a: {} } }, ['/by/0']],
  [{ by: [], profiles: { a: {} } }, ['/by']],
  // A number would come first in the object, whatever its place.
  [{ by: ['header.x'], profiles: { 1: {} } }, ['/profiles/1']],
  [{ by: ['header.x'], profiles: { Mobile: {} } }, ['/profiles/Mobile']],
  [{ by: ['header.x'], profiles: { a: {} }, default: 'b' }, ['/default']],
  [{ by: ['header.x'], profiles: { a: {} }, default: 'constructor' }, ['/default']],
  // Nobody would have it.
  [{ profiles: { mobile, web: {} } }, ['/profiles/web']],
  [{ profiles: { mobile: { when: [] } } }, ['/profiles/mobile/when']],
  [{ profiles: { mobile: { when: { body: { '/a': 1 } } } } }, ['/profiles/mobile/when']],
  [{ by: ['header.x'], profiles: { a: { response: {} } } }, ['/profiles/a/response']],
  [{ by: ['header.x'], profiles: { a: { request: {} } } }, ['/profiles/a/request']],
  [
    { by: ['header.x'], profiles: { a: { request: { headers: {} } } } },
    ['/profiles/a/request/headers'],
  ],
  [
    { by: ['header.x'], profiles: { a: { request: { query: {} } } } },
    ['/profiles/a/request/query'],
  ],
  [
    { by: ['header.x'], profiles: { a: { request: { headers: { set: { Host: 'a' } } } } } },
    ['/profiles/a/request/headers/set/Host'],
  ],
  [
    { by: ['header.x'], profiles: { a: { response: { negotiate: ['json', 'json'] } } } },
    ['/profiles/a/response/negotiate'],
  ],
  [
    {
      by: ['header.x'],
      profiles: { a: { response: { negotiate: ['json'], xml: { root: 'r' } } } },
    },
    ['/profiles/a/response/xml'],
  ],
  [{ by: ['header.x'], profiles: { a: {} }, header: 'Authorization' }, ['/header']],
  [{ by: ['header.X-Profile'], profiles: { a: {} }, header: 'x-profile' }, ['/header']],
  [{ by: ['header.x'], profiles: { a: {} }, answerHeader: 'Content-Length' }, ['/answerHeader']],
  [{ profiles: { mobile }, header: 'Sec-CH-UA-Mobile' }, ['/header']],
  [
    {
      by: ['header.x'],
      header: 'X-Profile',
      profiles: { a: { request: { headers: { set: { 'x-profile': 'b' } } } } },
    },
    ['/profiles/a/request/headers/set/x-profile'],
  ],
  [{ by: ['header.x-client'], profiles: { a: {} }, hints: true }, ['/hints']],
  [{ by: ['header.x'], profiles: { a: {} }, hints: 'always' }, ['/hints']],
])('%j is refused at %j', (options, at) => {
  expect(problemsOf(options)).toEqual(at)
})

test('as many profiles as there are kinds of clients, and no more', () => {
  const profiles = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, {}]))
  expect(problemsOf({ by: ['header.x'], profiles: profiles(50) })).toEqual([])
  expect(problemsOf({ by: ['header.x'], profiles: profiles(51) })).toEqual(['/profiles'])
})
