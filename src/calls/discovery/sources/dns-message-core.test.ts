import { expect, test } from 'vitest'
import { decodeAnswer, encodeQuestion } from './dns-message-core.ts'

const bytes = (...hex: readonly string[]) =>
  Uint8Array.from(hex.join('').replaceAll(' ', '').match(/../g) ?? [], (one) =>
    Number.parseInt(one, 16),
  )

// 1 question, 2 answers. "a.b" A, answers 10.0.0.1 (TTL 60) and 10.0.0.2 (TTL 30).
const question = '0161 0162 00 0001 0001'
const answer = (ttl: string, address: string) => `c00c 0001 0001 ${ttl} 0004 ${address}`
const head = (flags: string, answers: string, others = '0000') =>
  `0000 ${flags} 0001 ${answers} ${others} 0000`

test('a question has a header, the labels of the name, and the type', () => {
  expect(encodeQuestion('a.b.', 'SRV')).toEqual(
    bytes('0000 0100 0001 0000 0000 0000', '0161 0162 00', '0021 0001'),
  )
})

test('addresses are read with their times to live', () => {
  const message = bytes(
    head('8180', '0002'),
    question,
    answer('0000003c', '0a000001'),
    answer('0000001e', '0a000002'),
  )
  expect(decodeAnswer(message, 'A')).toEqual({
    kind: 'answer',
    code: 0,
    records: [
      { type: 'A', ttlSeconds: 60, address: '10.0.0.1' },
      { type: 'A', ttlSeconds: 30, address: '10.0.0.2' },
    ],
    negativeSeconds: null,
  })
})

test('the host of an SRV record may point back to an earlier name', () => {
  const srv = 'c00c 0021 0001 0000003c 000a 0001 0005 1f90 0178 c00e'
  const message = bytes(head('8180', '0001'), '0161 0162 00 0021 0001', srv)
  expect(decodeAnswer(message, 'SRV')).toMatchObject({
    records: [{ type: 'SRV', priority: 1, weight: 5, port: 8080, host: 'x.b' }],
  })
})

test('records of another type, such as the alias on the way, are passed over', () => {
  const alias = 'c00c 0005 0001 0000003c 0002 c00e'
  const message = bytes(head('8180', '0002'), question, alias, answer('0000003c', '0a000001'))
  expect(decodeAnswer(message, 'A')).toMatchObject({ records: [{ address: '10.0.0.1' }] })
})

test('a name that does not exist says for how long', () => {
  // SOA with the names b and b, four numbers, and 10 s as the bound; its own TTL is 60 s.
  const soa = 'c00e 0006 0001 0000003c 0018 c00e c00e 00000001 00000001 00000001 00000001 0000000a'
  const message = bytes(head('8183', '0000', '0001'), question, soa)
  expect(decodeAnswer(message, 'A')).toEqual({
    kind: 'answer',
    code: 3,
    records: [],
    negativeSeconds: 10,
  })
})

test.each([
  ['too short', bytes('0000 8180')],
  ['a question and no answer', bytes(head('0100', '0000'), question)],
  ['an answer that was cut', bytes(head('8380', '0000'), question)],
  [
    'fewer records than it says',
    bytes(head('8180', '0002'), question, answer('0000003c', '0a000001')),
  ],
  [
    'an address of three bytes',
    bytes(head('8180', '0001'), question, 'c00c 0001 0001 0000003c 0003 0a0000'),
  ],
  [
    'a name that points at itself',
    bytes(head('8180', '0001'), question, 'c015 0001 0001 0000003c 0004 0a000001'),
  ],
  ['a label that runs over the end', bytes(head('8180', '0000'), '3f61')],
])('%s is unreadable', (_what, message) => {
  expect(decodeAnswer(message, 'A')).toEqual({ kind: 'unreadable' })
})
