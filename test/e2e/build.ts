/** Builds the production bundle once, before the end-to-end tests start it. */
import { execFileSync } from 'node:child_process'

export default function build() {
  execFileSync('npm', ['run', 'build', '--silent'], { stdio: ['ignore', 'ignore', 'inherit'] })
}
