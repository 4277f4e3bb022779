/** Where a request names its version, and what becomes of that on the way to the service. */

import { readParameter } from '../../http/query.ts'
import { changeQuery } from '../../http/query-changes.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { askedVersions, markType, type Place, replaceVersion } from './media-type-core.ts'
import { replaceSegment } from './segment-core.ts'
import type { SourceOptions } from './source-schema.ts'

export interface Source {
  /** What the request asks for, the most wanted first; empty where it names nothing here. */
  read(exchange: Exchange): readonly string[]
  /** The same of a second place, which has to agree; not there where there is none. */
  readBeside?(exchange: Exchange): readonly string[]
  /** Changes what goes on. */
  pass(exchange: Exchange): void
  /** Writes the version into the media type of an answer; not there where that has no place for it. */
  readonly markType?: (type: string, version: string) => string
  /** The names of the vocabulary that it reads. */
  readonly reads: readonly string[]
  /** The field by which answers differ (RFC 9110 §12.5.5); null for what is part of the URL. */
  readonly varies: string | null
}

const nothing: readonly string[] = Object.freeze([])

function listOf(value: string | null | undefined): readonly string[] {
  return value === null || value === undefined || value.trim() === '' ? nothing : [value]
}

export function bindSource(options: SourceOptions, newest: string): Source {
  const { header, query, path, param, mediaType } = options
  const onward = options.onward ?? (options.strip === true ? 'remove' : null)
  if (header !== undefined) return bindHeader(header, toldOf(onward ?? 'remove', newest))
  if (query !== undefined) return bindQuery(query, toldOf(onward ?? 'remove', newest))
  if (mediaType !== undefined) {
    const place: Place =
      typeof mediaType === 'string'
        ? { kind: 'parameter', name: mediaType.toLowerCase() }
        : { kind: 'vendor', vendor: mediaType.vendor.toLowerCase() }
    return bindMediaType(place, toldOf(onward ?? 'remove', newest))
  }
  // The schema has refused an entry without any place.
  const name = path === true ? 'version' : (param ?? 'version')
  return bindParam(name, toldOf(onward ?? 'keep', newest))
}

/** What stands there for the service: nothing (null), another version, or what the client wrote (undefined). */
type Told = string | null | undefined

function toldOf(onward: NonNullable<SourceOptions['onward']>, newest: string): Told {
  if (onward === 'keep') return undefined
  return onward === 'remove' ? null : newest
}

function bindHeader(written: string, told: Told): Source {
  const name = written.toLowerCase()
  return {
    read: ({ received }) => listOf(received[name]),
    pass({ outgoing: { headers } }) {
      if (told === undefined || headers[name] === undefined) return
      if (told === null) delete headers[name]
      else headers[name] = told
    },
    reads: [`header.${name}`],
    varies: written,
  }
}

function bindQuery(name: string, told: Told): Source {
  const changes =
    told === null
      ? [{ kind: 'remove', name } as const]
      : [{ kind: 'set', name, value: told ?? '' } as const]
  return {
    read: ({ target }) => listOf(target.query === '' ? null : readParameter(target.query, name)),
    pass({ outgoing }) {
      if (told === undefined || outgoing.query === '') return
      if (readParameter(outgoing.query, name) === null) return
      outgoing.query = changeQuery(outgoing.query, changes)
    },
    reads: [`query.${name}`],
    varies: null,
  }
}

function bindParam(name: string, told: Told): Source {
  return {
    read: ({ params }) => listOf(params[name]),
    pass({ outgoing, params, event, target }) {
      const value = params[name]
      if (told === undefined || value === undefined) return
      outgoing.path = replaceSegment(
        outgoing.path,
        { pattern: event.path ?? '', name, value, matched: target.path },
        told,
      )
    },
    reads: [`params.${name}`],
    varies: null,
  }
}

function bindMediaType(place: Place, told: Told): Source {
  const read = (field: string | undefined) =>
    field === undefined ? nothing : askedVersions(field, place)
  return {
    read({ received }) {
      const accepted = read(received.accept)
      return accepted.length > 0 ? accepted : read(received['content-type'])
    },
    readBeside: ({ received }) => read(received['content-type']),
    pass({ outgoing: { headers } }) {
      if (told === undefined) return
      for (const name of ['accept', 'content-type']) {
        const field = headers[name]
        if (field !== undefined) headers[name] = replaceVersion(field, place, told)
      }
    },
    markType: (type, version) => markType(type, place, version),
    reads: ['header.accept', 'header.content-type'],
    varies: 'Accept',
  }
}
