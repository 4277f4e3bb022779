/** Golden pairs: a document, the options, and the value that it is. */
import { expect, test } from 'vitest'
import type { XmlOptions } from '../schema.ts'
import { readXml } from './read.ts'

const pairs: readonly (readonly [string, string, XmlOptions | undefined, unknown])[] = [
  ['text', '<a>x</a>', undefined, { a: 'x' }],
  ['an empty element', '<a/>', undefined, { a: '' }],
  ['an empty pair of tags', '<a></a>', undefined, { a: '' }],
  ['blanks around text stay', '<a> x\n</a>', undefined, { a: ' x\n' }],
  ['blanks alone are text where no element is', '<a>  </a>', undefined, { a: '  ' }],
  ['blanks between elements go', '<a>\n  <b>1</b>\n</a>', undefined, { a: { b: '1' } }],
  ['attributes', `<a x="1" y='2'/>`, undefined, { a: { '@x': '1', '@y': '2' } }],
  ['attributes and text', '<a x="1">t</a>', undefined, { a: { '@x': '1', '#text': 't' } }],
  ['mixed content', '<a>p<b>q</b>r</a>', undefined, { a: { b: 'q', '#text': 'pr' } }],
  [
    'attributes without blanks that matter',
    '<a x = "1"\n\ty="2" ><b/></a >',
    undefined,
    { a: { '@x': '1', '@y': '2', b: '' } },
  ],
  [
    'elements of one name',
    '<a><b>1</b><c/><b>2</b></a>',
    undefined,
    { a: { b: ['1', '2'], c: '' } },
  ],
  ['a list of one by option', '<a><b>1</b></a>', { arrays: ['a.b'] }, { a: { b: ['1'] } }],
  [
    'lists within lists',
    '<a><b><c>1</c></b><b><c>2</c></b></a>',
    { arrays: ['a.b.c'] },
    { a: { b: [{ c: ['1'] }, { c: ['2'] }] } },
  ],
  ['a root that is a list', '<a>1</a>', { arrays: ['a'] }, { a: ['1'] }],
  [
    'a name with a dot in arrays',
    '<a><b.c>1</b.c></a>',
    { arrays: ['a.b\\.c'] },
    { a: { 'b.c': ['1'] } },
  ],
  ['only the path that is named', '<a><b>1</b></a>', { arrays: ['b', 'a.c'] }, { a: { b: '1' } }],
  [
    'other keys',
    '<a x="1">t</a>',
    { attributePrefix: '$', textKey: '#' },
    { a: { $x: '1', '#': 't' } },
  ],
  ['predefined entities', '<a>&lt;&amp;&gt;&quot;&apos;</a>', undefined, { a: `<&>"'` }],
  ['entities are read once', '<a>&amp;lt;&#38;amp;</a>', undefined, { a: '&lt;&amp;' }],
  [
    'characters by number',
    '<a b="&#x41;">&#65;&#x1F600;&#9;</a>',
    undefined,
    { a: { '@b': 'A', '#text': 'A😀\t' } },
  ],
  ['CDATA', '<a>1<![CDATA[<b>&amp;]]>2</a>', undefined, { a: '1<b>&amp;2' }],
  ['empty CDATA', '<a><![CDATA[]]></a>', undefined, { a: '' }],
  [
    'markup that would run elsewhere',
    '<a>&lt;script&gt;x&lt;/script&gt;</a>',
    undefined,
    { a: '<script>x</script>' },
  ],
  [
    'comments and instructions',
    '<?xml version="1.0"?><!-- a --><?p q="\'?><a>1<!-- <b> -->2<?x?></a><!--z-->',
    undefined,
    { a: '12' },
  ],
  [
    'ends of lines',
    '<a b="1\r\n2">x\r\ny\rz</a>',
    undefined,
    { a: { '@b': '1 2', '#text': 'x\ny\nz' } },
  ],
  [
    'ends of lines by number',
    '<a b="1&#10;2">x&#13;</a>',
    undefined,
    { a: { '@b': '1\n2', '#text': 'x\r' } },
  ],
  ['">" in an attribute and "/" at its end', '<a b="1>2/"/>', undefined, { a: { '@b': '1>2/' } }],
  [
    'prefixes are kept',
    '<s:a xmlns:s="u" s:b="1"><s:c/></s:a>',
    undefined,
    { 's:a': { '@xmlns:s': 'u', '@s:b': '1', 's:c': '' } },
  ],
  [
    'prefixes are stripped',
    '<s:a xmlns:s="u" xmlns="v" s:b="1"><s:c/><d xmlns="w">x</d></s:a>',
    { namespaces: 'strip' },
    { a: { '@b': '1', c: '', d: 'x' } },
  ],
  [
    'two prefixes of one namespace',
    '<a xmlns:s="u" xmlns:t="u"><s:b>1</s:b><t:b>2</t:b></a>',
    { namespaces: 'strip' },
    { a: { b: ['1', '2'] } },
  ],
  [
    'the prefix xml',
    '<a xml:lang="de">x</a>',
    { namespaces: 'strip' },
    { a: { '@lang': 'de', '#text': 'x' } },
  ],
  [
    'arrays name what is stripped',
    '<s:a xmlns:s="u"><s:b>1</s:b></s:a>',
    { namespaces: 'strip', arrays: ['a.b'] },
    { a: { b: ['1'] } },
  ],
  ['values stay text', '<a n="1">true</a>', undefined, { a: { '@n': '1', '#text': 'true' } }],
  [
    'values are parsed',
    '<a n="1"><b>true</b><c>-2.5</c><d>1e21</d><e>false</e></a>',
    { parseValues: true },
    { a: { '@n': 1, b: true, c: -2.5, d: '1e21', e: false } },
  ],
  [
    'what JSON would write otherwise stays text',
    '<a><b>007</b><b>1.0</b><b>+1</b><b>0x1</b><b>12345678901234567890</b><b> 1</b><b>-0</b><b>NaN</b><b/></a>',
    { parseValues: true },
    { a: { b: ['007', '1.0', '+1', '0x1', '12345678901234567890', ' 1', '-0', 'NaN', ''] } },
  ],
  [
    'attributes that objects have',
    '<a __proto__="1" constructor="2" hasOwnProperty="3"/>',
    undefined,
    { a: { '@__proto__': '1', '@constructor': '2', '@hasOwnProperty': '3' } },
  ],
  [
    'names beyond ASCII',
    '<größe 名="ü">ß</größe>',
    undefined,
    { größe: { '@名': 'ü', '#text': 'ß' } },
  ],
]

test.each(pairs)('reads %s', (_, document, options, value) => {
  expect(readXml(document, options)).toStrictEqual({ kind: 'value', value })
})

test('a name that stands in two namespaces side by side is refused where prefixes are stripped', () => {
  for (const document of [
    '<r xmlns:a="u" xmlns:b="v"><a:id>1</a:id><b:id>2</b:id></r>',
    '<r><id>1</id><id xmlns="v">2</id></r>',
    '<r xmlns:b="v" id="1" b:id="2"/>',
    '<r xmlns:a="u" xmlns:b="v" a:id="1" b:id="2"/>',
  ]) {
    expect(readXml(document, { namespaces: 'strip' })).toMatchObject({ kind: 'invalid' })
    expect(readXml(document, { namespaces: 'keep' })).toMatchObject({ kind: 'value' })
  }
})

test('a prefix that was never declared is refused where prefixes are stripped', () => {
  expect(readXml('<s:a/>', { namespaces: 'strip' })).toMatchObject({ kind: 'invalid' })
  expect(readXml('<a s:b="1"/>', { namespaces: 'strip' })).toMatchObject({ kind: 'invalid' })
})

test('names that objects have are names like any other', () => {
  const document =
    '<constructor><__proto__>1</__proto__><prototype/><toString x="1"/><__proto__>2</__proto__></constructor>'
  expect(JSON.stringify(readXml(document, undefined))).toBe(
    '{"kind":"value","value":{"constructor":{"__proto__":["1","2"],"prototype":"","toString":{"@x":"1"}}}}',
  )
  expect('1' in {}).toBe(false)
})
