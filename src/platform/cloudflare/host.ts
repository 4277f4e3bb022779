/** Where this Worker runs. The launcher of one machine says so by a variable; on Cloudflare nobody does. */

export type Host = 'cloudflare' | 'machine'

export function readHost(env: object): Host {
  return 'ISOGATE_HOST' in env && env.ISOGATE_HOST === 'machine' ? 'machine' : 'cloudflare'
}
