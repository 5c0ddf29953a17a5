import { policyOf } from '../../attr/table.ts'
import { genlFamily } from '../family.ts'
import { CTRL } from './controller.ts'

const byIdOrName = policyOf(CTRL, { familyId: true, familyName: true })

/** The one family with a fixed id, 16: it knows the ids of all others. Source: spec 01 §1.10. */
export const NLCTRL = genlFamily({
  name: 'nlctrl',
  version: 2,
  groups: ['notify'],
  checkedFrom: 11,
  commands: {
    newfamily: { id: 1, c: 'CTRL_CMD_NEWFAMILY', attrs: CTRL, event: true },
    delfamily: { id: 2, c: 'CTRL_CMD_DELFAMILY', attrs: CTRL, event: true },
    getfamily: {
      id: 3,
      c: 'CTRL_CMD_GETFAMILY',
      attrs: CTRL,
      do: byIdOrName,
      dump: byIdOrName,
      replyId: 1,
      liberal: true,
      reads: true,
    },
    newmcastGrp: { id: 7, c: 'CTRL_CMD_NEWMCAST_GRP', attrs: CTRL, event: true },
    delmcastGrp: { id: 8, c: 'CTRL_CMD_DELMCAST_GRP', attrs: CTRL, event: true },
    getpolicy: {
      id: 10,
      c: 'CTRL_CMD_GETPOLICY',
      attrs: CTRL,
      dump: policyOf(CTRL, { familyId: true, familyName: true, op: true }),
      reads: true,
    },
  },
})
