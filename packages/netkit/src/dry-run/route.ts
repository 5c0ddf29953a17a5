import {
  decodeAttrs,
  KernelError,
  LINK,
  type LinkAttrs,
  type LinkHeader,
  type Message,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_ECHO,
  NLMSG_HDRLEN,
  ROUTE_MESSAGES,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_GETNSID,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_NEWNSID,
} from '@netkit/netlink'
import { look } from '../devices/look.ts'
import type { Scope } from '../places/scope.ts'
import type { Answer } from './answers.ts'
import { changed, type LinkRequest, made, renamed } from './effects.ts'
import type { Plan, PlannedLink, Spot } from './plan.ts'

type Read = { readonly header: Required<LinkHeader>; readonly attrs: LinkAttrs & { fd?: number; nsid?: number } }

/** Reads a request by its table; undefined where there is none. */
function read({ header, data, start, end }: Message): Read | undefined {
  const message = ROUTE_MESSAGES.get(header.type)
  if (!message) return undefined
  const body = start + NLMSG_HDRLEN + message.header.size
  return {
    header: message.header.decode(data, start + NLMSG_HDRLEN, body) as Required<LinkHeader>,
    attrs: decodeAttrs(message.attrs, data, body, end),
  }
}

const nameIn = ({ ifname, altIfname }: LinkAttrs): string | undefined => ifname ?? altIfname
const isDump = ({ header }: Message): boolean => (header.flags & NLM_F_DUMP) === NLM_F_DUMP

/** Answers rtnetlink requests that may not reach the kernel. */
export class RouteAnswers {
  readonly #plan: Plan
  readonly #here: Spot
  readonly #scope: Scope | undefined

  /** `scope`: to ask the kernel; absent of a namespace that is only planned. */
  constructor(plan: Plan, here: Spot, scope: Scope | undefined) {
    this.#plan = plan
    this.#here = here
    this.#scope = scope
  }

  /** Answers a question about what is only planned; undefined: the kernel knows. */
  asked(request: Message, answer: Answer): Uint8Array | undefined {
    const { type } = request.header
    if (isDump(request)) return this.#scope ? undefined : this.#list(type, answer)
    const question = read(request)
    if (type === RTM_GETLINK && question) {
      const link = this.#plan.link(this.#here, question.header.ifindex, nameIn(question.attrs))
      if (link) return answer.link(link).acknowledged()
      return this.#scope ? undefined : answer.noSuchDevice()
    }
    const other = type === RTM_GETNSID ? this.#plan.spotOfFd(question?.attrs.fd) : undefined
    const nsid = other && this.#plan.nsid(this.#here, other)
    if (nsid !== undefined) return answer.nsid(nsid).acknowledged()
    return this.#scope && !other?.planned ? undefined : answer.nsid().acknowledged()
  }

  /** Answers a change that is held back, as if it had been carried out. */
  async held(request: Message, answer: Answer): Promise<Uint8Array> {
    const change = read(request)
    if (!change) return answer.acknowledged()
    const { type, flags } = request.header
    if (type === RTM_NEWNSID) return this.#nsid(change, answer)
    if (ROUTE_MESSAGES.get(type)?.attrs !== LINK) return answer.acknowledged()
    if (type === RTM_NEWLINK && (flags & NLM_F_CREATE) !== 0) {
      const link = made(this.#plan, this.#here, change)
      return ((flags & NLM_F_ECHO) === 0 ? answer : answer.link(link)).acknowledged()
    }
    const ofGroup = change.header.ifindex === 0 && nameIn(change.attrs) === undefined
    if (ofGroup) return answer.acknowledged()
    try {
      this.#after(type, await this.#find(change), change)
      return answer.acknowledged()
    } catch (e) {
      if (e instanceof KernelError) return answer.refused(e.errno)
      throw e
    }
  }

  #after(type: number, device: PlannedLink, change: LinkRequest): void {
    if (type === RTM_DELLINK) this.#plan.drop(this.#here, device.ifindex)
    else if (type >= RTM_NEWLINKPROP) renamed(this.#plan, this.#here, device, change, type === RTM_NEWLINKPROP)
    else changed(this.#plan, this.#here, device, change)
  }

  /** The device that a change is about, planned or real. */
  async #find({ header, attrs }: LinkRequest): Promise<PlannedLink> {
    const name = nameIn(attrs)
    const selector = header.ifindex > 0 ? header.ifindex : (name ?? '')
    const planned = this.#plan.link(this.#here, header.ifindex, name)
    if (planned) return planned
    if (!this.#scope) throw new KernelError({ op: 'dry run', errno: 19 /* ENODEV */ })
    return await look(this.#scope, 'dry run', selector, {}, undefined)
  }

  #nsid({ attrs }: Read, answer: Answer): Uint8Array {
    const other = this.#plan.spotOfFd(attrs.fd)
    if (other) this.#plan.giveNsid(this.#here, other, (attrs.nsid ?? -1) < 0 ? undefined : attrs.nsid)
    return answer.acknowledged()
  }

  #list(type: number, answer: Answer): Uint8Array {
    if (type === RTM_GETLINK) for (const link of this.#plan.links(this.#here)) answer.link(link, true)
    return answer.done()
  }
}
