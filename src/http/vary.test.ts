import { expect, test } from 'vitest'
import { isSelectedBy, preferredLanguage, selectingFields, varyNames } from './vary.ts'

test.each([
  [null, []],
  ['Foo, bar, FOO', ['bar', 'foo']],
  ['*', '*'],
  ['Foo, *', '*'],
  [', *', '*'],
  ['', []],
] as const)('`Vary: %s` names %j', (field, names) => {
  expect(varyNames(field)).toEqual(names)
})

test.each([
  ['foo', '1,2', ' 1, 2 ', true],
  ['foo', '1', '2', false],
  ['foo', '"1, 2"', '"1,2"', false],
  ['foo', undefined, '', false],
  ['foo', undefined, undefined, true],
  ['accept-language', 'en, de', 'de,EN', true],
  ['accept-language', 'en, de;q=0.5', 'de;q=0.5, en;q=1', true],
  ['accept-language', 'en, de;q=0.5', 'en;q=0.5, de', false],
  ['accept-encoding', 'gzip, br', 'br,gzip', true],
  ['accept-encoding', 'gzip', 'br', false],
] as const)('`%s: %s` and `%s` select the same: %s', (name, stored, asked, same) => {
  const selecting = selectingFields([name], stored === undefined ? {} : { [name]: stored })
  expect(isSelectedBy(selecting, asked === undefined ? {} : { [name]: asked })).toBe(same)
})

test.each([
  ['fr;q=0.5, de', 'de'],
  ['en, de', null],
  ['*', null],
  ['en;q=0', null],
  [undefined, null],
] as const)('`Accept-Language: %s` wants %s most', (field, language) => {
  expect(preferredLanguage(field)).toBe(language)
})
