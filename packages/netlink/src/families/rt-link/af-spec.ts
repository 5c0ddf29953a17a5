import { nest } from '../../attr/nest.ts'
import { attrTable } from '../../attr/table.ts'
import { AF_SPEC_INET, AF_SPEC_INET6 } from './parts.ts'

/** Inside IFLA_AF_SPEC: one nest an address family. */
export const AF_SPEC = attrTable('af-spec', {
  inet: { id: 2, c: 'AF_INET', codec: nest(AF_SPEC_INET, false) },
  inet6: { id: 10, c: 'AF_INET6', codec: nest(AF_SPEC_INET6, false) },
})
