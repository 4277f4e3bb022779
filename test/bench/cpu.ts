/** CPU time of a process, and the cores that processes may run on. Linux only: both stand in /proc. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Microseconds of CPU, user and system, that the process has used since it began. */
export const cpuMicros: (pid: number) => number = hasSchedstat() ? fineMicros : coarseMicros

/**
 * The scheduler's own account, in nanoseconds per thread. It is what utime and stime are cut from, in ticks
 * of 10 ms: too coarse for slices of 20 ms. A thread that ends takes its share along; workerd ends none.
 */
function fineMicros(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
    nanoseconds += Number(text.split(' ')[0])
  }
  return nanoseconds / 1000
}

function hasSchedstat(): boolean {
  try {
    return fineMicros(process.pid) > 0
  } catch {
    return false
  }
}

const TICK_MICROS = 10_000 // USER_HZ is 100 on every Linux that workerd runs on.

/** Fields 14 and 15 of stat, counted behind the name, which may hold spaces (proc_pid_stat(5)). */
function coarseMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS
}

/** The contestants run on one core, load and origin on the others, so that neither disturbs the other. */
export interface Cores {
  readonly contestant: string
  readonly rest: string
  readonly all: string
}

/** Null where processes cannot be pinned, or only one core is there. */
export function findCores(): Cores | null {
  const count = availableParallelism()
  if (count < 2) return null
  const last = count - 1
  const all = `0-${last}`
  const cores = { contestant: `${last}`, rest: last === 1 ? '0' : `0-${last - 1}`, all }
  return pin(process.pid, all) ? cores : null
}

/** Pins all threads of a process, and those that they will start. Children inherit it. */
export function pin(pid: number, cores: string): boolean {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', cores, `${pid}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
