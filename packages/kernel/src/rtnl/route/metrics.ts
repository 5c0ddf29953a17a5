import {
  errno,
  RTAX_ADVMSS,
  RTAX_CC_ALGO,
  RTAX_CWND,
  RTAX_FEATURES,
  RTAX_HOPLIMIT,
  RTAX_LOCK,
  RTAX_MAX,
  RTAX_MTU,
} from '@netkit/netlink'
import { readByteString } from '../../net/bytestring.ts'
import type { Request } from '../../net/request.ts'

/** What RTA_METRICS says, by number; the congestion control beside it. */
export interface Metrics {
  readonly values: Int32Array
  readonly congestion: string | undefined
}

/** Metrics that are cut down to what can be. */
const MOST: Readonly<Record<number, number>> = {
  [RTAX_ADVMSS]: 65535 - 40,
  [RTAX_MTU]: 65535 - 15,
  [RTAX_HOPLIMIT]: 255,
}
const KNOWN_FEATURES = 0x1f
/** Congestion controls that a kernel has built in. */
const CONGESTION_CONTROLS: ReadonlySet<string> = new Set(['reno', 'cubic'])

/** Reads RTA_METRICS; a negative errno where something in it cannot be. */
export function readMetrics(req: Request, attr: number): Metrics | number {
  const values = new Int32Array(RTAX_MAX + 1)
  let congestion: string | undefined
  const end = req.attrEnd(attr)
  for (let at = attr + 4; end - at >= 4; ) {
    const length = req.view.getUint16(at, true)
    if (length < 4 || at + length > end) break
    const id = req.view.getUint16(at + 2, true) & 0x3fff
    if (id > RTAX_MAX) return req.refuse(errno.EINVAL, 'Invalid metric type')
    if (id === RTAX_CC_ALGO) {
      congestion = readByteString(req.bytes, at + 4, at + length)
      if (!CONGESTION_CONTROLS.has(congestion)) return req.refuse(errno.EINVAL, 'Unknown tcp congestion algorithm')
    } else if (id !== 0) {
      if (length !== 8) return req.refuse(errno.EINVAL, 'Invalid attribute in metrics', at)
      const n = req.u32(at)
      if (id === RTAX_FEATURES && (n & ~KNOWN_FEATURES) !== 0) {
        return req.refuse(errno.EINVAL, 'Unknown flag set in feature mask in metrics attribute')
      }
      values[id] = Math.min(n, MOST[id] ?? 0xffff_ffff)
    }
    at += (length + 3) & ~3
  }
  if ((values[RTAX_LOCK] & (1 << RTAX_CWND)) !== 0 && values[RTAX_CWND] === 0) {
    return req.refuse(errno.EINVAL, 'Locked cwnd metric must be non zero')
  }
  return { values, congestion }
}
