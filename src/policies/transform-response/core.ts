/** What a transformation of answers comes to before an answer is there. Pure. */

import { type Refusal, refuse } from '../../errors/refusal.ts'
import { type Format, mediaTypeOf } from '../../formats/format.ts'
import type { SoapFault } from '../../formats/soap.ts'
import { parameterOf } from '../../shape/fields.ts'
import type { Form } from '../../shape/negotiation.ts'
import type { TransformResponseOptions } from './schema.ts'

export interface AnswerPlan {
  readonly from: Format
  /** What goes out where Accept has no say. */
  readonly form: Form
  /** What services are asked for. */
  readonly accepts: string
  /** The query parameter by which clients choose members; null where they cannot. */
  readonly parameter: string | null
}

export function planAnswer(options: TransformResponseOptions): AnswerPlan {
  const from = options.from ?? (options.soap === undefined ? 'json' : 'xml')
  const format = options.to ?? 'json'
  return {
    from,
    form: { format, contentType: mediaTypeOf[format] },
    accepts: acceptsOf[from] ?? mediaTypeOf[from],
    parameter: parameterOf(options.fields),
  }
}

/** Formats that services send under several names: SOAP 1.1 comes as text/xml, 1.2 under one of its own. */
const acceptsOf: Readonly<Partial<Record<Format, string>>> = {
  xml: 'application/xml, text/xml, application/soap+xml',
  csv: 'text/csv',
  msgpack: 'application/vnd.msgpack, application/msgpack, application/x-msgpack',
}

/** The problem of a fault, with the status that the table has for its code. */
export function refuseFault(
  { faultCode, faultString }: Pick<SoapFault, 'faultCode' | 'faultString'>,
  statuses: ReadonlyMap<string, number>,
): Refusal {
  const status = statuses.get(faultCode)
  return refuse('SOAP_FAULT', {
    members: { faultCode, faultString },
    reason: 'soap-fault',
    ...(status === undefined ? {} : { status }),
  })
}
