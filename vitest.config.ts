import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Their time is the gateway's own intervals: two at a time, and the tests in a file side by side. */
const waiting = ['adaptive', 'discovery', 'examples', 'health', 'mirror'].map(
  (name) => `test/e2e/${name}.test.ts`,
)

/** The production bundle as real processes on loopback. */
const e2e = { globalSetup: ['test/e2e/build.ts'], testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: 'test-report.json' }]],
    projects: [
      {
        // Pure modules, on Node: no process, no socket, no build. Loading all modules for each file anew would
        // take longer than the tests do, so files share them: a test leaves no global changed.
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'cli/**/*.test.ts',
            'serve/*.test.ts',
            'test/{rules,golden,properties,contracts}/**/*.test.ts',
          ],
          isolate: false,
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The modules that need the runtime, inside workerd with real Durable Objects and KV.
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' } })],
        test: {
          name: 'runtime',
          include: ['test/runtime/**/*.test.ts'],
          testTimeout: 30_000,
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...e2e,
          name: 'e2e-waits',
          include: waiting,
          maxConcurrency: 10,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...e2e,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: waiting,
          // Two cores: one file at a time, and of what a file marks as concurrent no more than keeps both busy.
          fileParallelism: false,
          maxConcurrency: 3,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
