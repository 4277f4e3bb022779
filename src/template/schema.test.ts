import { expect, test } from 'vitest'
import { templateHeaderValue, templateText } from './schema.ts'

test('a template is taken', () => {
  expect(templateText().safeParse('/${params.id}').success).toBe(true)
})

test('an unknown name is a problem with a code of its own', () => {
  const { error } = templateText().safeParse('/${clent.ip}')
  expect(error?.issues).toMatchObject([{ code: 'custom', params: { code: 'TEMPLATE_INVALID' } }])
})

test('a variable may stand in the place of a template', () => {
  expect(templateText().safeParse({ var: 'REGION' }).success).toBe(true)
})

test('a header value is a template without line breaks, or a secret', () => {
  expect(templateHeaderValue.safeParse('a ${client.ip}').success).toBe(true)
  expect(templateHeaderValue.safeParse({ secret: 'KEY', prefix: 'Bearer ' }).success).toBe(true)
  expect(templateHeaderValue.safeParse('a\r\nb').success).toBe(false)
})
