import type { BpfCallOptions, BpfDoor } from '@netkit/netlink'
import { KernelError } from '@netkit/netlink'

/** What bpf(2) returns: a refusal is its negative errno, as recordings have it. */
export async function bpfResult(
  door: BpfDoor,
  command: number,
  attr: Uint8Array,
  options: BpfCallOptions = {},
): Promise<number> {
  try {
    return await door.call(command, attr, options)
  } catch (e) {
    if (e instanceof KernelError) return -e.errno
    throw e
  }
}
