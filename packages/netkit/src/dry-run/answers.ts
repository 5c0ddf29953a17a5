import {
  type AnyTable,
  type AttrsOf,
  beginMessage,
  encodeAttrs,
  endMessage,
  errno,
  LINK,
  LINK_HEADER,
  type Message,
  NLM_F_MULTI,
  NLMSG_DONE,
  NSID,
  NSID_HEADER,
  RTM_NEWLINK,
  RTM_NEWNSID,
  Writer,
  writeAck,
} from '@netkit/netlink'
import type { PlannedLink } from './plan.ts'

/** Namespaces without an id have this one. */
const NO_NSID = -1

/** Answers to one request, as the kernel would write them: messages, then an acknowledgement or the end of a dump. */
export class Answer {
  readonly #w = new Writer()
  readonly #request: Message
  readonly #portId: number

  constructor(request: Message, portId: number) {
    this.#request = request
    this.#portId = portId
  }

  link({ ifindex, type, flags, attrs }: PlannedLink, inDump = false): this {
    return this.#message(RTM_NEWLINK, inDump, (w) => {
      LINK_HEADER.encode({ ifindex, type, flags }, w)
      encodeAttrs(LINK, attrs, w)
    })
  }

  nsid(nsid: number = NO_NSID): this {
    return this.#message(RTM_NEWNSID, false, (w) => {
      NSID_HEADER.encode({}, w)
      encodeAttrs(NSID, { nsid }, w)
    })
  }

  generic(command: { readonly id: number; readonly attrs: AnyTable }, attrs: object): this {
    return this.#message(this.#request.header.type, false, (w) => {
      w.u8(command.id).u8(1).u16(0)
      encodeAttrs(command.attrs, attrs as AttrsOf<AnyTable>, w)
    })
  }

  done(): Uint8Array {
    return this.#message(NLMSG_DONE, true, (w) => w.u32(0)).#w.take()
  }

  acknowledged(): Uint8Array {
    return this.refused(0)
  }

  /** `error`: a positive error number. */
  refused(error: number): Uint8Array {
    const { data, start, end } = this.#request
    writeAck(this.#w, data.bytes, start, end, -error, {}, { portId: this.#portId, capAck: false, extAck: true })
    return this.#w.take()
  }

  noSuchDevice(): Uint8Array {
    return this.refused(errno.ENODEV)
  }

  #message(type: number, inDump: boolean, body: (w: Writer) => void): this {
    const { seq } = this.#request.header
    const mark = beginMessage(this.#w, type, inDump ? NLM_F_MULTI : 0, seq, this.#portId)
    body(this.#w)
    endMessage(this.#w, mark)
    return this
  }
}
