import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import { be16 } from '../core/address.ts'
import { ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, IP_MF, IP_OFFSET } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { sendError4 } from './icmp-send.ts'

const { PKT_DATA, PKT_SHIFT } = layout

/** A packet is for this host: fragments wait for the others, whole ones go to their transport. */
export function deliver4(stack: IpStack, dev: Device, handle: number): void {
  const { packets } = stack
  const at = packets.table.fields[(handle << PKT_SHIFT) + PKT_DATA]
  const { u8 } = packets.memory
  if ((be16(u8, at + 6) & (IP_MF | IP_OFFSET)) === 0) {
    toTransport(stack, dev, handle, u8[at + 9])
    return
  }
  const whole = stack.reassembly4.add(dev, handle)
  if (whole >= 0) toTransport(stack, dev, whole, stack.flow.protocol)
}

function toTransport(stack: IpStack, dev: Device, handle: number, protocol: number): void {
  const transport = stack.transports4[protocol]
  if (transport !== undefined) {
    transport.receive(stack, dev, handle)
    return
  }
  sendError4(stack, dev.ns, handle, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0, true)
  stack.path.drop(dev, handle, DROP.IP_NOPROTO)
}
