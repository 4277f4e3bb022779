/**
 * `npm start`: the gateway on this machine, with the production bundle. The order of the start: refuse what
 * cannot work (options, ports, table, state) before anything runs, then build, run, load, show.
 */
import { relative, resolve } from 'node:path'
import { bannerLines } from './banner.ts'
import { type Build, ensureBuild } from './build.ts'
import { demoPortProblems, demoToken, startDemo } from './demo.ts'
import type { KvClient } from './kv.ts'
import { startMachine } from './machine.ts'
import { parseCommandLine, type StartOptions } from './options.ts'
import { portProblem } from './port.ts'
import { projectFolder, readWorkerSettings } from './project.ts'
import { waitUntilServing } from './ready.ts'
import { claimState, defaultStateFolder, type StateFolder } from './state.ts'
import { Stops } from './stops.ts'
import {
  putTable,
  type Reading,
  readRoutes,
  storedDocument,
  storedVersion,
  tellProblems,
} from './table.ts'
import { fileMark, watchFile } from './watch.ts'

const stops = new Stops()

const commandLine = parseCommandLine(process.argv.slice(2))
switch (commandLine.kind) {
  case 'help':
    process.stdout.write(commandLine.text)
    break
  case 'refused':
    fail(commandLine.line, 2)
    break
  case 'run':
    await start(commandLine).catch((error: Error) => fail(error.message, 1))
}

async function start(options: StartOptions): Promise<void> {
  const routesPath = options.routes === null ? demoRoutes() : fromCaller(options.routes)
  const isDemo = options.demo && routesPath === demoRoutes()
  const shownPath = relative(process.cwd(), routesPath)

  const problems = await portProblems(options, isDemo)
  if (problems.length > 0) return fail(problems.join('\n'), 1)

  // Taken before the file is read: a save during the start is not lost.
  const mark = await fileMark(routesPath)
  const vars = { ...readWorkerSettings().vars, ...options.vars }
  const reading = await readRoutes(routesPath, vars)
  if (reading.problems.length > 0) print(tellProblems(shownPath, reading))

  const claim = await claimState(stateFolders(options, routesPath))
  if (claim.kind === 'refused') return fail(claim.line, 1)
  const state = claim.folder
  stops.add(async () => state.release())
  if (reading.kind === 'refused' && (reading.fileHash === null || state.loadedHash() === null)) {
    return fail(`${shownPath} was refused, and there is no older table of it to serve`, 1)
  }

  const [build] = await Promise.all([
    builtOrFail(),
    isDemo ? startDemo().then((stop) => stops.add(stop)) : undefined,
  ])
  if (build === null) return
  const machine = await startMachine({
    build,
    stateFolder: state.path,
    host: options.host,
    ports: [options.port],
    log: options.log,
    vars: options.vars,
    output: 'inherit',
  })
  stops.add(() => machine.workerd.stop())
  void machine.workerd.ended.then((status) => {
    if (!stops.begun) fail(`the gateway's process ended with status ${status}`, 1)
  })

  const note = await loadAtStart(machine.kv, reading, state)
  const url = machine.urls[0]!
  const health = await waitUntilServing(url)
  if (health === null) return fail('the gateway does not answer; its output is above', 1)

  if (note !== null) print([note])
  // Not the file's: after a PUT another table may be in force.
  const document = await storedDocument(machine.kv)
  if (document !== null) {
    const token = isDemo ? await demoToken() : null
    print(['', ...bannerLines(document, url, token), ''])
  }
  if (health.status !== 'ok') {
    const missing = health.problems.map(({ pointer, code }) => `  ${pointer}: ${code}`)
    print([`health: ${health.status}`, ...missing])
  }
  const follow = () => followSave(machine.kv, { routesPath, shownPath, vars, state })
  const unwatch = watchFile(routesPath, mark, follow)
  stops.add(async () => unwatch())
  print([`ready on ${url}`])
}

function demoRoutes(): string {
  return resolve(projectFolder, 'routes.json')
}

/** npm runs scripts in the project's folder; the caller's own one is where a path was typed. */
function fromCaller(path: string): string {
  const byNpm = process.env.npm_lifecycle_event === 'start' ? process.env.INIT_CWD : undefined
  return resolve(byNpm ?? process.cwd(), path)
}

function stateFolders(options: StartOptions, routesPath: string): readonly string[] {
  if (options.state !== null) return [fromCaller(options.state)]
  const folder = defaultStateFolder(routesPath)
  // A second gateway on the same file, on another port, at the same time.
  return [folder, `${folder}-${options.port}`]
}

async function portProblems(options: StartOptions, isDemo: boolean): Promise<readonly string[]> {
  const own = await portProblem(options.host, options.port, 'the gateway')
  const demo = isDemo ? await demoPortProblems() : []
  return [...(own === null ? [] : [own]), ...demo]
}

async function builtOrFail(): Promise<Build | null> {
  try {
    return await ensureBuild({ onBuild: () => print(['building …']), signal: stops.signal })
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    fail(`the build failed: ${stderr || message}`, 1)
    return null
  }
}

/** The file wins where its content changed since it was last loaded; else what is in KV stays, by whomever it was put. */
async function loadAtStart(
  kv: KvClient,
  reading: Reading,
  state: StateFolder,
): Promise<string | null> {
  const stored = await storedVersion(kv)
  if (reading.kind === 'refused') return `serving the table that was loaded last, version ${stored}`
  if (stored === reading.version) {
    state.noteLoaded(reading.fileHash)
    return null
  }
  if (stored !== null && state.loadedHash() === reading.fileHash) {
    return `serving version ${stored}, which came by another way since the file was loaded; save the file to load it`
  }
  await putTable(kv, reading)
  state.noteLoaded(reading.fileHash)
  return null
}

interface Followed {
  readonly routesPath: string
  readonly shownPath: string
  readonly vars: Readonly<Record<string, string>>
  readonly state: StateFolder
}

async function followSave(kv: KvClient, { routesPath, shownPath, vars, state }: Followed) {
  const reading = await readRoutes(routesPath, vars)
  if (reading.problems.length > 0) print(tellProblems(shownPath, reading))
  // What this machine lacks is refused too, as PUT does: a gateway that runs is not made worse by a save.
  const lacking = reading.problems.some(({ severity }) => severity === 'environment')
  if (reading.kind === 'refused' || lacking) {
    print([`${shownPath} was refused; the table before it stays`])
    return
  }
  try {
    if ((await storedVersion(kv)) !== reading.version) await putTable(kv, reading)
  } catch (error) {
    print([`${shownPath}: ${(error as Error).message}; the table before it stays`])
    return
  }
  state.noteLoaded(reading.fileHash)
  print([`${shownPath}: ${reading.document.routes.length} routes, version ${reading.version}`])
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** One clear line, then the end of everything that was started. */
function fail(line: string, status: number): void {
  // What fails because the end has begun is no news.
  if (!stops.begun) process.stderr.write(`${line}\n`)
  void stops.end(status)
}
