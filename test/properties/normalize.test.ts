/** Normalization is a fixed point: the path that was matched is the path that the next program matches. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalizePath, type PathRules } from '../../src/match/normalize.ts'
import { readTarget } from '../../src/match/target.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

const pieces = ['/', '/', '.', '..', '%2e', '%2E', '%2f', '%5C', '%41', '%7e', '%c3%A9', 'é', '😀']
const raw = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...pieces,
        ...' "<>^`{}|[];:@&=+$,~!\'()*-_aZ09',
        '%',
        '%4',
        '%25',
        '%00',
        '\\',
      ),
      fc.string({ unit: 'binary', maxLength: 2 }),
    ),
    { maxLength: 14 },
  )
  .map((parts) => `/${parts.join('')}`)

const rules: fc.Arbitrary<PathRules> = fc.record({
  emptySegments: fc.constantFrom('keep', 'merge', 'reject'),
  encodedSlash: fc.constantFrom('keep', 'reject'),
  semicolon: fc.constantFrom('keep', 'reject'),
})

const check = (property: fc.IProperty<[string, PathRules]>) =>
  fc.assert(property, { seed, numRuns: 5000 })

test(`a normalized path stays as it is (SEED=${seed})`, () => {
  let normalized = 0
  check(
    fc.property(raw, rules, (path, rule) => {
      const once = normalizePath(path, rule)
      if (typeof once !== 'string') return
      normalized++
      expect(normalizePath(once, rule)).toBe(once)
    }),
  )
  expect(normalized).toBeGreaterThan(500)
})

test(`a normalized path has one reading (SEED=${seed})`, () => {
  check(
    fc.property(raw, rules, (path, rule) => {
      const found = normalizePath(path, rule)
      if (typeof found !== 'string') return
      expect(found.startsWith('/')).toBe(true)
      expect(found).toMatch(/^[\x21-\x7e]*$/)
      expect(found).not.toMatch(/\\|%(?![0-9A-F]{2})|%(?:[01][0-9A-F]|7F)/)
      expect(found.split('/')).not.toContain('.')
      expect(found.split('/')).not.toContain('..')
      if (rule.emptySegments !== 'keep') expect(found).not.toContain('//')
      if (rule.encodedSlash === 'reject') expect(found).not.toMatch(/%2F|%5C/)
      if (rule.semicolon === 'reject') expect(found).not.toContain(';')
    }),
  )
})

test(`a URL parser leaves a normalized path alone (SEED=${seed})`, () => {
  check(
    fc.property(raw, rules, (path, rule) => {
      const found = normalizePath(path, rule)
      if (typeof found === 'string') expect(new URL(`http://h${found}`).pathname).toBe(found)
    }),
  )
})

test(`reading a target never throws, and gives a path or a refusal (SEED=${seed})`, () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.option(fc.string({ unit: 'binary' })),
      (rest, host) => {
        const found = readTarget(`http://${host ?? ''}${rest}`, host, {
          emptySegments: 'keep',
          encodedSlash: 'keep',
          semicolon: 'keep',
        })
        if (found.kind === 'read') expect(found.target.path).toMatch(/^(?:\/|\*$)/)
        else expect(['HOST_INVALID', 'TARGET_INVALID']).toContain(found.code)
      },
    ),
    { seed, numRuns: 3000 },
  )
})
