/** Builds the production bundle once, before the end-to-end tests start it. */
import { ensureBuild } from '../../serve/build.ts'

export default async function build() {
  await ensureBuild()
}
