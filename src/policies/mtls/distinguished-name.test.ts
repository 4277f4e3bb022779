import { expect, test } from 'vitest'
import { canonicalName, parseName } from './distinguished-name.ts'

const read = (text: string) => parseName(text)?.map(({ type, value }) => `${type}:${value}`)

test.each([
  ['CN=Steve Kille,O=Isode Limited,C=GB', ['CN:Steve Kille', 'O:Isode Limited', 'C:GB']],
  ['OU=Sales+CN=J. Smith,O=Widget Inc.', ['OU:Sales', 'CN:J. Smith', 'O:Widget Inc.']],
  ['CN=L. Eagle,O=Sue\\, Grabbit and Runn', ['CN:L. Eagle', 'O:Sue, Grabbit and Runn']],
  ['CN=Before\\0DAfter', ['CN:Before\rAfter']],
  ['SN=Lu\\C4\\8Di\\C4\\87', ['SN:Lučić']],
  ['1.3.6.1.4.1.1466.0=#04024869', ['1.3.6.1.4.1.1466.0:#04024869']],
  ['CN=*.example.com, C=US, O=Example', ['CN:*.example.com', 'C:US', 'O:Example']],
  ['O="Sue, Grabbit and Runn";C=GB', ['O:Sue, Grabbit and Runn', 'C:GB']],
  ['cn=a\\ ,o=b', ['CN:a ', 'O:b']],
  ['CN=a\\,O=Evil', ['CN:a,O=Evil']],
])('%s is read (RFC 2253 §5 and others)', (text, attributes) => {
  expect(read(text)).toEqual(attributes)
})

test.each(['', 'Acme', '=a', 'CN=a,,O=b', 'C N=a'])('%j is no name', (text) => {
  expect(parseName(text)).toBeNull()
})

test('two names are one whatever the spaces and the case of types, and not in another order', () => {
  const canonical = (text: string) => canonicalName(parseName(text)!)
  expect(canonical('cn=a, o=b')).toBe(canonical('CN=a,O=b'))
  expect(canonical('O=b,CN=a')).not.toBe(canonical('CN=a,O=b'))
  expect(canonical('CN=A,O=b')).not.toBe(canonical('CN=a,O=b'))
})
