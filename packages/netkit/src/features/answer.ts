import { KernelError } from '@netkit/netlink'

/** `unknown`: the kernel would not say, most often for want of a privilege. */
export type Answer = 'yes' | 'no' | 'unknown'

export interface FeatureAnswer {
  readonly answer: Answer
  /** What the kernel said instead of a yes. */
  readonly why?: KernelError
}

/** The answer that a probe comes to. What is not the kernel's refusal is thrown. */
export async function answerOf(probe: () => Promise<boolean>): Promise<FeatureAnswer> {
  try {
    return { answer: (await probe()) ? 'yes' : 'no' }
  } catch (why) {
    if (why instanceof KernelError) return { answer: 'unknown', why }
    throw why
  }
}

/** The refusal that `act` meets. A request that can only be refused is the quietest question there is. */
export async function refusalOf(op: string, act: () => Promise<unknown>): Promise<KernelError> {
  try {
    await act()
  } catch (e) {
    if (e instanceof KernelError) return e
    throw e
  }
  throw new KernelError({ op, errno: 71 /* EPROTO */, extack: 'a request that no kernel can carry out succeeded' })
}
