/** Reads what a SOAP service answers: the value in the envelope, or the problem that its fault is. */
import { readSoap } from '../../formats/soap.ts'
import { invalidAnswer, type ReadAnswer, readAnswerBytes } from '../../shape/answer-body.ts'
import { staleFields } from '../../shape/content-fields.ts'
import type { ReadOptions } from '../../shape/read-options.ts'
import { refuseFault } from './core.ts'

/**
 * A fault comes with a status of its own, 500, or 400 in SOAP 1.2: `isChosen` is whether an answer of this status is
 * one that is changed. One that is not, and is no fault, passes.
 */
export async function readEnvelope(
  response: Response,
  read: ReadOptions,
  {
    isChosen,
    faults,
  }: { readonly isChosen: boolean; readonly faults: ReadonlyMap<string, number> },
): Promise<ReadAnswer> {
  const taken = await readAnswerBytes(response, read)
  if (taken.kind !== 'bytes') return taken
  const found = readSoap(taken.bytes, { charset: taken.charset, xml: read.xml })
  if (found.kind === 'fault') return refuseFault(found, faults)
  if (!isChosen) return { kind: 'untouched', response: decoded(response, taken.bytes) }
  return found.kind === 'value'
    ? { kind: 'value', value: found.value, format: 'xml' }
    : invalidAnswer('xml', found.reason)
}

/** The answer with the bytes that were read of it, which are without codings. */
function decoded(response: Response, bytes: ArrayBuffer): Response {
  const headers = new Headers(response.headers)
  for (const name of staleFields) headers.delete(name)
  return new Response(bytes, { status: response.status, headers })
}
