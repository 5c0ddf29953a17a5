import { XDP_ABORTED, XDP_DROP } from './xdp-run.ts'

/** What a capture says of a packet that a program dropped. */
export function whyDropped(action: number): string | undefined {
  if (action === XDP_DROP) return undefined
  return action === XDP_ABORTED ? 'XDP: aborted' : 'XDP: unknown action'
}
