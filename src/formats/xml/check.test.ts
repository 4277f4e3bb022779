/** What is refused before a parser sees it, and how soon. */
import { expect, test } from 'vitest'
import { checkXml } from './check.ts'
import { readXml } from './read.ts'

test.each([
  ['nothing', ''],
  ['blanks', ' \n'],
  ['text', 'hello'],
  ['a document cut short', '<a><b>1</b>'],
  ['a tag cut short', '<a b="1"'],
  ['a quote without end', '<a b="1><c/></a>'],
  ['a CDATA section without end', '<a><![CDATA[x</a>'],
  ['a comment without end', '<a><!-- x</a>'],
  ['an instruction without end', '<a><?x </a>'],
  ['two roots', '<a/><b/>'],
  ['two roots with content', '<a>1</a><b>2</b>'],
  ['text behind the root', '<a/>x'],
  ['text before the root', 'x<a/>'],
  ['a CDATA section outside of the root', '<a/><![CDATA[x]]>'],
  ['mismatched tags', '<a><b></a></b>'],
  ['an end without start', '</a>'],
  ['one end too many', '<a></a></a>'],
  ['tags that differ in case', '<a></A>'],
  ['an attribute twice', '<a b="1" b="2"/>'],
  ['an attribute without value', '<a b/>'],
  ['an attribute without quotes', '<a b=1/>'],
  ['attributes without a blank between', '<a b="1"c="2"/>'],
  ['"<" in an attribute', '<a b="<"/>'],
  ['a blank before a name', '< a/>'],
  ['a name that begins with a digit', '<1a/>'],
  ['a name with two colons', '<a:b:c/>'],
  ['a blank that only JavaScript takes for one', '<a\ufeffb="1"/>'],
  ['an attribute in an end', '<a></a b="1">'],
  ['"]]>" in text', '<a>]]></a>'],
  ['two hyphens in a comment', '<a><!-- -- --></a>'],
  ['a bare ampersand', '<a>1 & 2</a>'],
  ['an ampersand without semicolon', '<a>&amp</a>'],
  ['an entity of HTML', '<a>&nbsp;</a>'],
  ['an entity in an attribute', '<a b="&copy;"/>'],
  ['an entity cut in two by a comment', '<a>&am<!-- -->p;</a>'],
  ['an entity that objects have', '<a>&constructor;</a>'],
  ['a character that XML has not', '<a>\u0000</a>'],
  ['a character that XML has not, by number', '<a>&#0;</a>'],
  ['half of a character by number', '<a>&#xD800;</a>'],
  ['a character beyond Unicode', '<a>&#x110000;</a>'],
  ['U+FFFF', '<a>\uffff</a>'],
  ['a declaration that does not come first', ' <?xml version="1.0"?><a/>'],
  ['a declaration of XML 1.1', '<?xml version="1.1"?><a/>'],
  ['a declaration without version', '<?xml encoding="utf-8"?><a/>'],
  ['a document type', '<!DOCTYPE a><a/>'],
  ['a document type in lower case', '<!doctype html><html></html>'],
  ['a document type within', '<a><!DOCTYPE a></a>'],
  ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
  ['an external document type', '<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>'],
  ['a parameter entity', '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://example.com/x">%x;]><a/>'],
  [
    'a billion laughs',
    `<!DOCTYPE l [<!ENTITY a "lol">${'bcdefghij'
      .split('')
      .map((name, index) => `<!ENTITY ${name} "${`&${'abcdefghi'[index]};`.repeat(10)}">`)
      .join('')}]><l>&j;</l>`,
  ],
  ['a declaration of an entity alone', '<!ENTITY a "b"><a/>'],
])('refuses %s', (_, document) => {
  expect(checkXml(document)).toMatchObject({ kind: 'invalid' })
  expect(readXml(document, undefined)).toMatchObject({ kind: 'invalid' })
})

test.each([
  ['100,000 levels', '<a>'.repeat(100_000)],
  ['100,000 levels that end', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`],
  [
    'a million attributes',
    `<a ${Array.from({ length: 1_000_000 }, (_, n) => `b${n}=""`).join(' ')}/>`,
  ],
  ['a million elements', `<a>${'<b/>'.repeat(1_000_000)}</a>`],
  ['a million ampersands', `<a>${'&'.repeat(1_000_000)}</a>`],
  ['a million "<"', '<'.repeat(1_000_000)],
  ['a million comments without end', `<a>${'<!-'.repeat(1_000_000)}`],
  ['a million blanks in a tag', `<a${' '.repeat(1_000_000)}`],
  ['a long name', `<${'a'.repeat(1_000_000)}`],
  ['many attributes without quotes', `<a${' b='.repeat(300_000)}>`],
  ['many instructions that are none', '<?'.repeat(500_000)],
])('refuses %s fast', (_, document) => {
  const started = performance.now()
  expect(checkXml(document)).toMatchObject({ kind: 'invalid' })
  expect(performance.now() - started).toBeLessThan(1_000)
})

test('what is large and sound is read in a time that grows with its length', () => {
  const started = performance.now()
  const entities = '&amp;'.repeat(200_000)
  expect(readXml(`<a>${entities}</a>`, undefined)).toEqual({
    kind: 'value',
    value: { a: '&'.repeat(200_000) },
  })
  const text = 'x'.repeat(1_000_000)
  expect(readXml(`<a b="${text}">${text}<![CDATA[${text}]]></a>`, undefined)).toMatchObject({
    kind: 'value',
  })
  const rows = '<b c="1">x<!-- --></b>'.repeat(20_000)
  expect(readXml(`<a>${rows}</a>`, undefined)).toMatchObject({ kind: 'value' })
  expect(performance.now() - started).toBeLessThan(5_000)
})

test('256 levels are read, one more is not', () => {
  const nested = (levels: number) => '<a>'.repeat(levels) + '</a>'.repeat(levels)
  expect(readXml(nested(256), undefined)).toMatchObject({ kind: 'value' })
  expect(readXml(nested(257), undefined)).toMatchObject({ kind: 'invalid' })
})
