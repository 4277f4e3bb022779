#!/usr/bin/env node
// Starts the command on a Node that runs TypeScript; where the system's own is older, on the one that
// `npm ci` has put into node_modules.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// From 22.18 on Node strips types without a flag.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 18)) {
  const { main } = await import('./main.ts')
  process.exitCode = await main(process.argv.slice(2), process)
} else {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
  if (!existsSync(node)) {
    console.error(
      `isogate needs Node 22.18 or newer, found ${process.versions.node}; run \`npm ci\` first`,
    )
    process.exit(2)
  }
  const self = fileURLToPath(import.meta.url)
  const { status, error } = spawnSync(node, [self, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (error) throw error
  process.exit(status ?? 1)
}
