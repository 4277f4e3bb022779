/**
 * The texts of AWS Signature Version 4: the canonical request and the string to sign
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). Pure.
 */
import type { Fields } from '../../http/headers.ts'
import type { SignableRequest } from '../../http/signature-base.ts'

/** Services that keep paths as they are, and take bodies whose hash is not known. */
const objectStores: ReadonlySet<string> = new Set([
  's3',
  's3express',
  's3-object-lambda',
  's3-outposts',
])

export function isObjectStore(service: string): boolean {
  return objectStores.has(service)
}

/** `20150830T123600Z`. */
export function amzDate(now: number): string {
  return new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '')
}

/** `20150830/us-east-1/iam/aws4_request`. */
export function credentialScope(date: string, region: string, service: string): string {
  return `${date.slice(0, 8)}/${region}/${service}/aws4_request`
}

export interface CanonicalRequest {
  readonly text: string
  readonly signedHeaders: string
}

/** `payloadHash` is hex, or UNSIGNED-PAYLOAD. Host, the media type and all `x-amz-` fields are signed. */
export function canonicalRequest(
  request: SignableRequest,
  service: string,
  payloadHash: string,
): CanonicalRequest {
  const fields: Fields = { ...request.headers, host: request.authority }
  const names = Object.keys(fields).filter(isSigned).sort()
  const signedHeaders = names.join(';')
  const text = [
    request.method,
    canonicalPath(request.path, service),
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${(fields[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    payloadHash,
  ].join('\n')
  return { text, signedHeaders }
}

function isSigned(name: string): boolean {
  return name === 'host' || name === 'content-type' || name.startsWith('x-amz-')
}

/** Each segment is encoded twice, as AWS does; object stores encode it once and keep empty segments. */
export function canonicalPath(path: string, service: string): string {
  if (!isObjectStore(service)) return encode(path.replace(/\/{2,}/g, '/')).replaceAll('%2F', '/')
  // These stores read "+" in a path as a space.
  return encode(decode(path.replaceAll('+', ' '))).replaceAll('%2F', '/')
}

/** Names and values decoded, encoded as AWS does, and sorted by name, then value. */
export function canonicalQuery(query: string): string {
  return query
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('='))
    .map((pair) => {
      const at = pair.indexOf('=')
      const [name, value] = at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
      return [recode(name), recode(value)] as const
    })
    .sort(([a, one], [b, other]) => compare(a, b) || compare(one, other))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function recode(text: string): string {
  return encode(decode(text.replaceAll('+', ' ')))
}

/** All but the unreserved characters of RFC 3986 §2.3, in upper-case hex. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** What is no UTF-8 stays as it is: the service will see it so, too. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function stringToSign(date: string, scope: string, canonicalHash: string): string {
  return ['AWS4-HMAC-SHA256', date, scope, canonicalHash].join('\n')
}

export interface AwsAuthorization {
  readonly accessKeyId: string
  readonly scope: string
  readonly signedHeaders: string
  readonly signature: string
}

/** The value of Authorization. */
export function authorizationField(parts: AwsAuthorization): string {
  const { accessKeyId, scope, signedHeaders, signature } = parts
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`
}
