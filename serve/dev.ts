/**
 * `npm run dev`: wrangler's development server, for work on the Worker itself with reload on save and
 * a debugger. Routing differs from production in small ways (it collapses paths and hides peers): for
 * anything that depends on these use `npm start`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { quietWrangler } from './build.ts'
import { demoPortProblems, startDemo } from './demo.ts'
import { projectFolder } from './project.ts'
import { readRoutes, tellProblems } from './table.ts'

const environment = {
  ...process.env,
  ...quietWrangler,
  // Without it miniflare asks the network for a sample of request.cf, and warns when there is none.
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
}
const inProject = { cwd: projectFolder, env: environment } as const

const routesPath = resolve(projectFolder, 'routes.json')
const reading = await readRoutes(routesPath, {})
if (reading.kind === 'refused') {
  console.error(tellProblems(routesPath, reading).join('\n'))
  process.exit(1)
}

// Through a file: a table may be longer than a command line.
const folder = join(projectFolder, '.wrangler')
mkdirSync(folder, { recursive: true })
const tablePath = join(folder, 'routes.kv.json')
writeFileSync(tablePath, reading.text)
const metadata = JSON.stringify({ version: reading.version })
const put = ['kv', 'key', 'put', 'routes', '--path', tablePath, '--metadata', metadata]
const seeded = spawnSync('wrangler', [...put, '--binding', 'KV', '--local'], {
  ...inProject,
  stdio: ['ignore', 'ignore', 'inherit'],
})
if (seeded.status !== 0) process.exit(1)

// Where `npm start` runs beside us, its services do for both.
const portsTaken = (await demoPortProblems()).length > 0
const stopDemo = portsTaken ? async () => {} : await startDemo()

const server = spawn('wrangler', ['dev', '--var', 'ISOGATE_LOG:pretty', ...process.argv.slice(2)], {
  ...inProject,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal))
server.on('exit', async (status) => {
  await stopDemo()
  process.exit(status ?? 0)
})
