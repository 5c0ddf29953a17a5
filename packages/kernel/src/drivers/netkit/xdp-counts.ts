import { XDP_ABORTED, XDP_REDIRECT } from '../../net/xdp-run.ts'

/** What the programs of one hook have decided: each packet counts once, by its verdict, and once more if that failed. */
export class HookCounts {
  /** By action; what no action is counts as aborted. */
  readonly byAction = new Float64Array(XDP_REDIRECT + 1)
  redirectErrors = 0
  /** For want of memory for a copy. */
  passErrors = 0
  /** Sockets had too much waiting for them. */
  overflows = 0

  count(action: number): void {
    this.byAction[action >= XDP_ABORTED && action <= XDP_REDIRECT ? action : XDP_ABORTED]++
  }
}

/** Those of a device. Source: spec 03 §8.6. */
export class XdpCounts {
  readonly egress = new HookCounts()
  readonly inject = new HookCounts()
}
