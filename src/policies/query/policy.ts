/** `query`: edits the parameters of the query as it goes on. */
import { type Change, orderChanges } from '../../http/changes.ts'
import { changeQuery } from '../../http/query-changes.ts'
import { type Edit, type PolicyDefinition, passed } from '../../pipeline/policy.ts'
import { attributesOf } from '../../template/parse.ts'
import { type BoundTemplate, bindTemplate } from '../../template/template.ts'
import { renderChanges } from './core.ts'
import type { QueryOptions } from './schema.ts'

export const definition: PolicyDefinition<QueryOptions> = {
  use: 'query',
  stage: 'shape',
  arity: 'many',
  summary: 'Sets, adds, renames and removes parameters of the query as it goes on.',
  bind: bindQuery,
  reads: ({ set = {}, add = {} }) =>
    [...Object.values(set), ...Object.values(add)].flatMap(attributesOf),
}

function bindQuery(options: QueryOptions): Edit {
  const changes = orderChanges(options).map(bindChange)
  return {
    kind: 'edit',
    apply: function query(exchange) {
      const rendered = renderChanges(changes, (value) => value.render(exchange))
      if ('kind' in rendered) return rendered
      exchange.outgoing.query = changeQuery(exchange.outgoing.query, rendered)
      return passed
    },
  }
}

function bindChange(change: Change<string>): Change<BoundTemplate> {
  if (change.kind === 'remove' || change.kind === 'rename') return change
  const { kind, name, value } = change
  return { kind, name, value: bindTemplate(value, 'query') }
}
