import {
  type Datagram,
  ETHTOOL,
  GENL_ID_CTRL,
  type KernelDoors,
  KernelError,
  type Message,
  messageBytes,
  NETDEV,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  type NetlinkDoor,
  NLM_F_DUMP,
  onlyReads,
  splitMessages,
} from '@netkit/netlink'
import type { FamilyIds } from '../places/families.ts'
import { Scope } from '../places/scope.ts'
import { Answer } from './answers.ts'
import type { Held } from './held.ts'
import { Inbox } from './inbox.ts'
import type { Plan, Spot } from './plan.ts'
import { RouteAnswers } from './route.ts'

/** What all doors of a dry run share. */
export interface DryRun {
  readonly doors: KernelDoors
  /** To ask the kernel in the client's own namespace. */
  readonly own: Scope
  readonly families: FamilyIds
  readonly plan: Plan
  report(held: Held): void
}

/** The first byte of a generic message's payload. */
const commandIn = ({ data, start, end }: Message): number => (end > start + 16 ? data.u8(start + 16) : 0)

/** A netlink socket that lets questions through, reports changes, and answers these as if they had been carried out. */
export class DryRunSocket implements NetlinkDoor {
  readonly #run: DryRun
  readonly #protocol: number
  readonly #here: Spot
  readonly #inner: NetlinkDoor
  readonly #inbox: Inbox
  readonly #scope: Scope | undefined
  readonly #route: RouteAnswers

  /** `inner`: the socket that it stands before; of a planned namespace one of the client's own, for what is not about it. */
  constructor(run: DryRun, protocol: number, here: Spot, inner: NetlinkDoor, scope: Scope | undefined) {
    this.#run = run
    this.#protocol = protocol
    this.#here = here
    this.#inner = inner
    this.#inbox = new Inbox(inner)
    this.#scope = scope
    this.#route = new RouteAnswers(run.plan, here, scope)
  }

  get portId(): number {
    return this.#inner.portId
  }

  async send(datagram: Uint8Array): Promise<void> {
    for (const message of splitMessages(datagram)) await this.#one(message)
  }

  receive(): AsyncIterable<Datagram> {
    return this.#inbox.read()
  }

  join(group: number): Promise<void> {
    return this.#inner.join(group)
  }

  leave(group: number): Promise<void> {
    return this.#inner.leave(group)
  }

  async close(): Promise<void> {
    this.#inbox.close()
    await this.#scope?.close()
    await this.#inner.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #one(message: Message): Promise<void> {
    const { type } = message.header
    const route = this.#protocol === NETLINK_ROUTE
    if (!route && !this.#run.families.byId(type)) await this.#learn()
    const { byId } = this.#run.families
    const answer = new Answer(message, this.portId)
    if (onlyReads(this.#protocol, type, commandIn(message), byId)) {
      const known = route ? this.#route.asked(message, answer) : this.#generic(message, answer)
      if (known) this.#inbox.put(known)
      else await this.#inner.send(messageBytes(message).slice())
      return
    }
    const bytes = messageBytes(message).slice()
    const unknowns = this.#run.plan.unknownsIn(bytes)
    this.#run.report({
      door: 'netlink',
      protocol: this.#protocol,
      namespace: this.#here.name,
      bytes,
      unknowns,
      families: byId,
    })
    this.#inbox.put(route ? await this.#route.held(message, answer) : this.#created(message, answer))
  }

  /** In a namespace that is only planned there are no queues and the like; what families there are is the same everywhere. */
  #generic({ header }: Message, answer: Answer): Uint8Array | undefined {
    if (!this.#here.planned || header.type === GENL_ID_CTRL) return undefined
    return (header.flags & NLM_F_DUMP) === NLM_F_DUMP ? answer.done() : answer.noSuchDevice()
  }

  #created(message: Message, answer: Answer): Uint8Array {
    const { queueCreate } = NETDEV.commands
    const isLease = this.#run.families.byId(message.header.type) === NETDEV && commandIn(message) === queueCreate.id
    if (isLease) answer.generic(queueCreate, { id: this.#run.plan.unknown('number of the new queue') })
    return answer.acknowledged()
  }

  /** Finds out which families have which ids. */
  async #learn(): Promise<void> {
    for (const family of [NETDEV, ETHTOOL]) {
      await this.#run.families.resolve(family, this.#run.own.generic).catch((e) => {
        if (!(e instanceof KernelError && e.code === 'ENOENT')) throw e
      })
    }
  }
}

/** Opens a socket of a dry run. */
export async function openSocket(
  run: DryRun,
  options: Parameters<KernelDoors['netlink']>[0],
  here: Spot,
): Promise<DryRunSocket> {
  const { doors, families } = run
  const namespace = here.planned ? undefined : options.namespace
  const inner = await doors.netlink({ ...options, namespace })
  const scope =
    here.planned || options.protocol === NETLINK_GENERIC ? undefined : new Scope({ doors, families }, namespace)
  return new DryRunSocket(run, options.protocol, here, inner, scope)
}
