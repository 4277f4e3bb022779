import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: 'test-report.json' }]],
    projects: [
      {
        // Pure modules, on Node: no process, no socket, no build.
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'cli/**/*.test.ts',
            'serve/*.test.ts',
            'test/{rules,golden,properties,contracts}/**/*.test.ts',
          ],
        },
      },
      {
        // The modules that need the runtime, inside workerd with real Durable Objects and KV.
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' } })],
        test: { name: 'runtime', include: ['test/runtime/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        // The production bundle as real processes on loopback.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Two cores: one gateway with its services at a time.
          fileParallelism: false,
        },
      },
    ],
  },
})
