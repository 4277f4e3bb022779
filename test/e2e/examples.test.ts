/** Every table that the project shows is one that the gateway takes. */
import { generateKeyPairSync } from 'node:crypto'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectFolder } from '../../serve/project.ts'
import { readRoutes } from '../../serve/table.ts'

const signingKey = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

const files = globSync(['routes.json', 'examples/*.routes.json'], { cwd: projectFolder })

test.each(files)('%s has no problem', async (file) => {
  const vars = {
    SHOP: 'http://127.0.0.1:9103',
    SHOP_KEY: 's3cret',
    SIGNING_KEY: signingKey,
    WAREHOUSE_KEY: 's3cret',
    CRM_SECRET: 's3cret',
    AWS_SECRET: 's3cret',
    ACME_KEY: 's3cret of thirty-two bytes or so',
    ACME_PASSWORD: 's3cret',
    INTROSPECTION_SECRET: 's3cret',
  }
  const reading = await readRoutes(join(projectFolder, file), vars)
  expect(reading.problems).toEqual([])
  expect(reading.kind).toBe('sound')
})
