/** A request that a match takes, to show an operator the point of a warning. */
import type { MatchSpec } from '../../match/schema.ts'
import { hostsOf, type ShapeSegment, shapeOf } from './cells.ts'

/** `GET https://host/path`, or null where the path is a regular expression. Other conditions are left out. */
export function witnessOf(spec: MatchSpec): string | null {
  const shape = shapeOf(spec)
  if (shape.kind === 'regex') return null
  const path = `/${sampleSegments(shape.segments).join('/')}`
  const end = shape.rest && shape.segments.length > 0 ? '/x' : ''
  return `${methodOf(spec)} https://${sampleHost(hostsOf(spec)[0]!)}${path}${end}`
}

export function methodOf({ methods }: MatchSpec): string {
  return methods === undefined || methods.includes('GET') ? 'GET' : methods[0]!
}

/** A name that the pattern takes; one for documentation where every host is taken (RFC 2606 §3). */
export function sampleHost(pattern: string): string {
  if (pattern === '') return 'example.com'
  if (pattern.startsWith('*.')) return `www${pattern.slice(1)}`
  return pattern.includes(':') ? `[${pattern}]` : pattern
}

export function sampleSegments(segments: readonly ShapeSegment[]): string[] {
  return segments.map((segment) => segment ?? 'x')
}
