import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: 'test-report.json' }]],
    projects: [
      {
        // Pure modules, and the processes of the end-to-end tests: Node.
        test: {
          name: 'node',
          include: ['src/**/*.test.ts', 'cli/**/*.test.ts', 'serve/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/runtime/**'],
          globalSetup: ['test/e2e/build.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The same modules inside workerd, with real Durable Objects and KV.
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' } })],
        test: { name: 'runtime', include: ['test/runtime/**/*.test.ts'], testTimeout: 30_000 },
      },
    ],
  },
})
