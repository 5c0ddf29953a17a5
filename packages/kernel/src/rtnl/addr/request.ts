import { ADDR, type PolicyTable } from '@netkit/netlink'
import { FOREVER } from '../../net/ip-address.ts'
import type { Request } from '../../net/request.ts'
import { bodyOf, parseBody } from '../body.ts'

export const ADDR_HEADER_SIZE = 8
const A = ADDR.ids

/** An address request, as it stands in its bytes. */
export class AddrRequest {
  readonly attrs = new Int32Array(ADDR.policy.maxId + 1)
  readonly req: Request

  constructor(req: Request) {
    this.req = req
  }

  parse(policy: PolicyTable): number {
    return parseBody(this.req, ADDR_HEADER_SIZE, policy, this.attrs)
  }

  has(id: number): boolean {
    return this.attrs[id] !== 0
  }
  get prefixLength(): number {
    return this.req.bytes[bodyOf(this.req) + 1]
  }
  get scope(): number {
    return this.req.bytes[bodyOf(this.req) + 3]
  }
  get ifindex(): number {
    return this.req.view.getInt32(bodyOf(this.req) + 4, true)
  }
  /** The attribute has more bits than the header has room for. */
  get flags(): number {
    return this.has(A.flags) ? this.req.u32(this.attrs[A.flags]) : this.req.bytes[bodyOf(this.req) + 2]
  }
  get metric(): number {
    return this.has(A.rtPriority) ? this.req.u32(this.attrs[A.rtPriority]) : 0
  }
  get proto(): number {
    return this.has(A.proto) ? this.req.u8(this.attrs[A.proto]) : 0
  }
  /** Seconds, as asked for. */
  get lifetimes(): { readonly valid: number; readonly preferred: number } {
    const at = this.attrs[A.cacheInfo]
    if (at === 0) return { valid: FOREVER, preferred: FOREVER }
    return { preferred: this.req.view.getUint32(at + 4, true), valid: this.req.view.getUint32(at + 8, true) }
  }
}
