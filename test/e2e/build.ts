/** Builds the production bundle once for all end-to-end tests, so that a source that changes meanwhile does not. */
import type { TestProject } from 'vitest/node'
import { type Build, ensureBuild } from '../../serve/build.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly build: Build
  }
}

export default async function build(project: TestProject) {
  project.provide('build', await ensureBuild())
}
