/** The size of what is deployed. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Build } from '../../serve/build.ts'

export interface BundleSize {
  readonly rawBytes: number
  readonly gzipBytes: number
}

export function measureBundle({ modules }: Build): BundleSize {
  const code = readFileSync(modules.worker)
  return { rawBytes: code.byteLength, gzipBytes: gzipSync(code).byteLength }
}
