import { DROP } from '../packet/drop-reason.ts'
import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'
import { isVlan, untag, VLAN_ID } from '../packet/vlan.ts'

const { PKT_PROTOCOL, PKT_SHIFT, PKT_STATE, PKT_VLAN, TYPE_MASK, TYPE_OTHERHOST } = layout

/**
 * What becomes of a received packet with a tag, in the frame or beside it, that no VLAN device takes: it is another host's, or
 * only has a priority. False, and it is dropped, if its tag is cut off. Source: spec 02 §1.5.
 */
export function receiveTagged(packets: Packets, handle: number): boolean {
  const i = handle << PKT_SHIFT
  while (packets.table.fields[i + PKT_VLAN] !== 0 || isVlan(packets.table.fields[i + PKT_PROTOCOL])) {
    if (packets.table.fields[i + PKT_VLAN] === 0 && !untag(packets, handle)) {
      packets.drop(handle, DROP.HDR_TRUNC)
      return false
    }
    const { fields } = packets.table
    const isForeign = (fields[i + PKT_VLAN] & VLAN_ID) !== 0
    fields[i + PKT_VLAN] = 0
    if (!isForeign) continue
    fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~TYPE_MASK) | TYPE_OTHERHOST
    break
  }
  return true
}
