import { BPF_COMMANDS, makeStruct } from '@netkit/bpf'
import type { BpfDoor } from '@netkit/netlink'

/** mov64 r0, 2; exit */
const TRIVIAL = Uint8Array.of(0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0)

/** Loads a program that does nothing; its descriptor. */
export async function loadTrivial(
  door: BpfDoor,
  progType: number,
  expectedAttachType = 0,
  more: { readonly progFlags?: number; readonly progIfindex?: number } = {},
): Promise<number> {
  const instructions = door.memory(TRIVIAL.length)
  instructions.bytes.set(TRIVIAL)
  const license = door.memory(4)
  license.bytes.set(new TextEncoder().encode('GPL'))
  const { id, attr } = BPF_COMMANDS.progLoad
  const values = {
    progType,
    insnCnt: 2,
    insns: instructions.address,
    license: license.address,
    expectedAttachType,
    ...more,
  }
  return door.call(id, makeStruct(attr, values), { memory: [instructions, license] })
}
