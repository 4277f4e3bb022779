/** What no single option of `jwt` says: which of them go together. */

import { isHmac } from '../../identity/algorithms.ts'
import { isWrittenObject, type Note, type Written } from '../../schema/written.ts'
import { algorithmsOfPublicKey } from './public-key.ts'

/** Where keys come from; without any they are discovered from the issuer. */
const sources = ['preset', 'jwksUrl', 'jwks', 'secret', 'publicKey']

export function checkJwt(written: Written, note: Note): void {
  checkSource(written, note)
  checkAlgorithms(written, note)
}

function checkSource(written: Written, note: Note): void {
  const given = sources.filter((key) => written[key] !== undefined)
  for (const key of given.slice(1)) {
    note([key], `expected only one of ${sources.join(', ')}, found "${given[0]}" too`)
  }
  const { preset, issuer, audience, secret } = written
  if (preset !== undefined && issuer !== undefined) {
    note(['issuer'], 'expected no `issuer` beside `preset`, which says it')
  }
  if (isWrittenObject(preset) && preset.google !== undefined && audience === undefined) {
    note([], 'expected `audience`: Google makes tokens of the same issuer for every application')
  }
  if (isWrittenObject(secret) && secret.prefix !== undefined) {
    note(['secret', 'prefix'], 'expected no `prefix`: the secret is the key as it is')
  }
  if (given.length === 0) checkDiscovery(issuer, note)
}

function checkDiscovery(issuer: unknown, note: Note): void {
  if (issuer === undefined) {
    note([], `expected \`issuer\`, \`preset\`, or one of ${sources.slice(1).join(', ')}`)
    return
  }
  for (const [index, one] of [issuer].flat().entries()) {
    // A variable is read again with its value.
    if (typeof one !== 'string' || /^https?:\/\/[^\s?#\\@]+$/.test(one)) continue
    const path = Array.isArray(issuer) ? ['issuer', index] : ['issuer']
    note(
      path,
      'expected a URL, since the keys are discovered from it, or a source of keys beside it',
    )
  }
}

function checkAlgorithms({ algorithms, secret, publicKey }: Written, note: Note): void {
  if (!Array.isArray(algorithms)) return
  const ofKey = typeof publicKey === 'string' ? algorithmsOfPublicKey(publicKey) : null
  for (const [index, algorithm] of algorithms.entries()) {
    const path = ['algorithms', index]
    if (isHmac(algorithm) !== (secret !== undefined)) {
      // A public key that is taken as an HMAC secret lets everyone sign who can read it.
      const kind = secret === undefined ? 'of a public key' : 'of HMAC, as `secret` needs'
      note(path, `expected an algorithm ${kind}, found "${String(algorithm)}"`)
    } else if (ofKey !== null && !ofKey.includes(String(algorithm))) {
      note(path, `expected one of ${ofKey.join(', ')} for this key, found "${String(algorithm)}"`)
    }
  }
}
