/** Golden pairs: values and envelopes of both versions, and faults. */
import { expect, test } from 'vitest'
import type { SoapOptions } from './schema.ts'
import { readSoap, writeSoap } from './soap.ts'

const OLD = 'http://schemas.xmlsoap.org/soap/envelope/'
const NEW = 'http://www.w3.org/2003/05/soap-envelope'
const bytes = (text: string) => new TextEncoder().encode(text).slice().buffer
const bare = { declaration: false } as const

const pairs: readonly (readonly [string, unknown, SoapOptions, string])[] = [
  [
    'an operation whose elements are in its namespace',
    { id: 7, tags: ['a', 'b'] },
    { version: '1.1', operation: 'GetUser', namespace: 'urn:users' },
    `<soap:Envelope xmlns:soap="${OLD}"><soap:Body><GetUser xmlns="urn:users"><id>7</id><tags>a</tags><tags>b</tags></GetUser></soap:Body></soap:Envelope>`,
  ],
  [
    'an operation that alone is in its namespace',
    { id: 7 },
    { version: '1.2', operation: 'GetUser', namespace: 'urn:users', qualified: false },
    `<soap:Envelope xmlns:soap="${NEW}"><soap:Body><m:GetUser xmlns:m="urn:users"><id>7</id></m:GetUser></soap:Body></soap:Envelope>`,
  ],
  [
    'an operation with a prefix of its own',
    { 'u:id': 7 },
    { version: '1.1', operation: 'u:GetUser', namespace: 'urn:users' },
    `<soap:Envelope xmlns:soap="${OLD}"><soap:Body><u:GetUser xmlns:u="urn:users"><u:id>7</u:id></u:GetUser></soap:Body></soap:Envelope>`,
  ],
  [
    'an operation without namespace',
    null,
    { version: '1.1', operation: 'Ping' },
    `<soap:Envelope xmlns:soap="${OLD}"><soap:Body><Ping/></soap:Body></soap:Envelope>`,
  ],
  [
    'a list and text in an operation',
    [1, 2],
    { version: '1.1', operation: 'Add', namespace: 'u' },
    `<soap:Envelope xmlns:soap="${OLD}"><soap:Body><Add xmlns="u"><item>1</item><item>2</item></Add></soap:Body></soap:Envelope>`,
  ],
  [
    'text in an operation',
    'x < y',
    { version: '1.1', operation: 'Say', namespace: 'u"' },
    `<soap:Envelope xmlns:soap="${OLD}"><soap:Body><Say xmlns="u&quot;">x &lt; y</Say></soap:Body></soap:Envelope>`,
  ],
  [
    'the keys of the value, and a header',
    { 'm:Ping': { '@xmlns:m': 'urn:p' } },
    { version: '1.2', header: { 'w:Security': { '@xmlns:w': 'urn:w', 'w:Token': 'abc' } } },
    `<soap:Envelope xmlns:soap="${NEW}"><soap:Header><w:Security xmlns:w="urn:w"><w:Token>abc</w:Token></w:Security></soap:Header><soap:Body><m:Ping xmlns:m="urn:p"/></soap:Body></soap:Envelope>`,
  ],
]

test.each(pairs)('writes %s', (_, value, options, text) => {
  expect(writeSoap(value, options, bare)).toMatchObject({ kind: 'envelope', text })
})

test('each version has its own fields', () => {
  const value = { a: 1 }
  expect(writeSoap(value, { version: '1.1', action: 'urn:users#Get' }, undefined)).toMatchObject({
    contentType: 'text/xml; charset=utf-8',
    soapAction: '"urn:users#Get"',
  })
  expect(writeSoap(value, { version: '1.1' }, undefined)).toMatchObject({ soapAction: '""' })
  expect(writeSoap(value, { version: '1.2', action: 'urn:users#Get' }, undefined)).toMatchObject({
    contentType: 'application/soap+xml; charset=utf-8; action="urn:users#Get"',
    soapAction: null,
  })
  expect(writeSoap(value, { version: '1.2' }, undefined)).toMatchObject({
    contentType: 'application/soap+xml; charset=utf-8',
  })
})

test.each([
  ['a list without operation', [1], { version: '1.1' }],
  ['a name that is none', { 'a b': 1 }, { version: '1.1' }],
  ['a name in the operation that is none', { 'a b': 1 }, { version: '1.1', operation: 'A' }],
  ['a name in the header that is none', {}, { version: '1.1', header: { '<': 1 } }],
] as const)('writes no envelope for %s', (_, value, options) => {
  expect(writeSoap(value, options, undefined)).toMatchObject({ kind: 'invalid' })
})

test.each([
  [
    'an operation, prefixes stripped',
    `<s:Envelope xmlns:s="${OLD}" xmlns:u="urn:u"><s:Header><x/></s:Header>\n<s:Body>\n<u:R><u:id>1</u:id><id2 xmlns="urn:v" n="2"/></u:R>\n</s:Body></s:Envelope>`,
    undefined,
    { R: { id: '1', id2: { '@n': '2' } } },
  ],
  [
    'prefixes kept',
    `<s:Envelope xmlns:s="${NEW}"><s:Body><u:R xmlns:u="urn:u"><u:id>1</u:id></u:R></s:Body></s:Envelope>`,
    { namespaces: 'keep' },
    { 'u:R': { '@xmlns:u': 'urn:u', 'u:id': '1' } },
  ],
  [
    'lists and values from the Body on',
    `<Envelope xmlns="${NEW}"><Body><R xmlns="urn:u"><id>1</id></R></Body></Envelope>`,
    { arrays: ['R.id'], parseValues: true },
    { R: { id: [1] } },
  ],
  ['an empty Body', `<s:Envelope xmlns:s="${OLD}"><s:Body/></s:Envelope>`, undefined, {}],
] as const)('reads %s', (_, text, xml, value) => {
  const options = xml === undefined ? {} : { xml: structuredClone(xml) as never }
  expect(readSoap(bytes(text), options)).toEqual({ kind: 'value', value })
})

test('a fault of 1.1 has a code, a text and a detail', () => {
  const text = `<s:Envelope xmlns:s="${OLD}"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring> No such user </faultstring><faultactor>urn:x</faultactor><detail><e:why xmlns:e="urn:e"><code>7</code></e:why></detail></s:Fault></s:Body></s:Envelope>`
  expect(readSoap(bytes(text), { xml: { parseValues: true } })).toEqual({
    kind: 'fault',
    version: '1.1',
    faultCode: 'Client',
    faultString: 'No such user',
    detail: { why: { code: 7 } },
  })
})

test('a fault of 1.2 tells its reason in English where it can', () => {
  const reason = (lang: string, text: string) => `<s:Text xml:lang="${lang}">${text}</s:Text>`
  const fault = (reasons: string) =>
    bytes(
      `<s:Envelope xmlns:s="${NEW}"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>m:x</s:Value></s:Subcode></s:Code><s:Reason>${reasons}</s:Reason></s:Fault></s:Body></s:Envelope>`,
    )
  expect(readSoap(fault(reason('de', 'Nein') + reason('en-GB', 'No')), {})).toEqual({
    kind: 'fault',
    version: '1.2',
    faultCode: 'Sender',
    faultString: 'No',
    detail: null,
  })
  expect(readSoap(fault(reason('de', 'Nein')), {})).toMatchObject({ faultString: 'Nein' })
  expect(readSoap(fault(''), {})).toMatchObject({ faultString: '' })
})

test('an element that is only called Fault is none', () => {
  const text = `<s:Envelope xmlns:s="${OLD}"><s:Body><Fault xmlns="urn:geology">San Andreas</Fault></s:Body></s:Envelope>`
  expect(readSoap(bytes(text), {})).toEqual({ kind: 'value', value: { Fault: 'San Andreas' } })
})

test.each([
  ['no XML', 'x'],
  ['no envelope', '<a/>'],
  ['an envelope of no version', '<s:Envelope xmlns:s="urn:x"><s:Body/></s:Envelope>'],
  ['an envelope without namespace', '<Envelope><Body/></Envelope>'],
  ['a prefix that was never declared', '<s:Envelope><s:Body/></s:Envelope>'],
  ['no Body', `<s:Envelope xmlns:s="${OLD}"/>`],
  ['two Bodies', `<s:Envelope xmlns:s="${OLD}"><s:Body/><s:Body/></s:Envelope>`],
  ['a Body of another version', `<s:Envelope xmlns:s="${OLD}"><Body xmlns="${NEW}"/></s:Envelope>`],
  ['a document type', `<!DOCTYPE a><s:Envelope xmlns:s="${OLD}"><s:Body/></s:Envelope>`],
  [
    'two namespaces under one name',
    `<s:Envelope xmlns:s="${OLD}"><s:Body><a xmlns="u"/><a xmlns="v"/></s:Body></s:Envelope>`,
  ],
])('refuses %s', (_, text) => {
  expect(readSoap(bytes(text), {})).toMatchObject({ kind: 'invalid' })
})

test('what was written is read again', () => {
  for (const version of ['1.1', '1.2'] as const) {
    for (const qualified of [true, false]) {
      const options = { version, operation: 'Op', namespace: 'urn:a', qualified }
      const written = writeSoap(
        { a: ['1', '2'], b: { '@c': 'x', '#text': 'é' } },
        options,
        undefined,
      )
      if (written.kind === 'invalid') throw new Error(written.reason)
      expect(readSoap(bytes(written.text), { charset: 'utf-8' })).toEqual({
        kind: 'value',
        value: { Op: { a: ['1', '2'], b: { '@c': 'x', '#text': 'é' } } },
      })
    }
  }
})
