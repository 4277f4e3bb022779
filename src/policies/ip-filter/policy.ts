/** `ip-filter`: refuses addresses that may not call the route. */
import { refuse } from '../../errors/refusal.ts'
import { bindCidrs } from '../../http/cidr.ts'
import { type Gate, type PolicyDefinition, passed } from '../../pipeline/policy.ts'
import { isAddressAllowed } from './core.ts'
import type { IpFilterOptions } from './schema.ts'

export const definition: PolicyDefinition<IpFilterOptions> = {
  use: 'ip-filter',
  stage: 'admit',
  arity: 'many',
  summary: 'Lets only some addresses call, or keeps some out.',
  bind: bindIpFilter,
}

const denied = refuse('ADDRESS_DENIED')

function bindIpFilter({ allow, deny }: IpFilterOptions): Gate {
  const rules = {
    allow: allow === undefined ? null : bindCidrs(allow),
    deny: deny === undefined ? null : bindCidrs(deny),
  }
  return {
    kind: 'gate',
    judge: function ipFilter(exchange) {
      return isAddressAllowed(exchange.client.address, rules) ? passed : denied
    },
  }
}
