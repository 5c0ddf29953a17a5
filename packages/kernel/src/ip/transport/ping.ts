import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import { be16 } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import { ICMP_ECHO, ICMP6_ECHO_REQUEST } from '../core/headers.ts'
import type { Transport } from '../core/stack.ts'
import { tellSocket } from './error.ts'
import type { SocketTable } from './table.ts'
import { queue, quotedAddresses } from './udp.ts'

const { PKT_SHIFT, PKT_TRANSPORT } = layout

/** ICMP echoes of sockets: replies to whoever asked, by identifier. `receive` is given replies only. */
export const ping = (sockets: SocketTable): Transport => ({
  receive(stack, dev, handle) {
    const { packets, flow } = stack
    const at = packets.table.fields[(handle << PKT_SHIFT) + PKT_TRANSPORT]
    const id = be16(packets.memory.u8, at + 4)
    const socket = sockets.find(dev.ns, flow.words, DST, id, SRC, 0, dev.ifindex)
    if (socket === undefined) stack.path.drop(dev, handle, DROP.NO_SOCKET)
    else queue(stack, dev, socket, handle)
  },

  error(stack, dev, about) {
    const { u8 } = stack.packets.memory
    if (u8[about.transport] !== (about.v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO)) return
    quotedAddresses(stack, about)
    const id = be16(u8, about.transport + 4)
    const socket = sockets.find(dev.ns, stack.sending.words, SRC, id, DST, 0, dev.ifindex)
    if (socket !== undefined) tellSocket(stack, socket, about, about.transport, 0)
  },
})
