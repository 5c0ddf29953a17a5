import { KernelError } from '@netkit/netlink'

/** The answer, or nothing if it is one of these refusals. */
export async function orNothing<T>(asked: Promise<T>, ...codes: readonly string[]): Promise<T | undefined> {
  try {
    return await asked
  } catch (e) {
    if (e instanceof KernelError && codes.includes(e.code)) return undefined
    throw e
  }
}
