import {
  type GenlCommand,
  type GenlFamily,
  type KernelDoors,
  type NamespaceHandle,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  type RouteMessage,
} from '@netkit/netlink'
import { NetlinkClient, type RequestOptions } from '../request/client.ts'
import type { Reply } from '../request/exchange.ts'
import { genericRequest, routeRequest } from '../request/message.ts'
import type { KernelWarning } from '../request/refusal.ts'
import type { FamilyIds } from './families.ts'

/** What all sockets of one connection share. */
export interface ScopeContext {
  readonly doors: KernelDoors
  readonly families: FamilyIds
  readonly onWarning?: (warning: KernelWarning) => void
}

/** The sockets of one namespace. They hold on to it: until they are closed it does not go, even if its name is removed. */
export class Scope {
  readonly context: ScopeContext
  /** Absent: the namespace that the client itself lives in. */
  readonly handle: NamespaceHandle | undefined
  readonly route: NetlinkClient
  readonly generic: NetlinkClient

  constructor(context: ScopeContext, handle?: NamespaceHandle) {
    this.context = context
    this.handle = handle
    const { doors, families, onWarning } = context
    const client = (protocol: number) =>
      new NetlinkClient({
        protocol,
        open: () => doors.netlink({ protocol, namespace: handle }),
        families: families.byId,
        onWarning,
      })
    this.route = client(NETLINK_ROUTE)
    this.generic = client(NETLINK_GENERIC)
  }

  /** An rtnetlink request: resolves with the messages that answer it. */
  routeCall(
    message: RouteMessage,
    flags: number,
    header: object,
    attrs: object,
    options: RequestOptions,
  ): Promise<readonly Reply[]> {
    return this.route.request(routeRequest(message, flags, header, attrs), options)
  }

  /** An rtnetlink dump, whole. */
  routeDump(message: RouteMessage, header: object, attrs: object, options: RequestOptions): Promise<readonly Reply[]> {
    return this.route.dump(routeRequest(message, 0, header, attrs), options)
  }

  /** A generic netlink request. */
  async call(
    family: GenlFamily,
    command: GenlCommand,
    attrs: object,
    options: RequestOptions,
  ): Promise<readonly Reply[]> {
    const { id } = await this.context.families.resolve(family, this.generic)
    return this.generic.request(genericRequest(id, family, command, 0, attrs), options)
  }

  /** A generic netlink dump, whole. */
  async dump(
    family: GenlFamily,
    command: GenlCommand,
    attrs: object,
    options: RequestOptions,
  ): Promise<readonly Reply[]> {
    const { id } = await this.context.families.resolve(family, this.generic)
    return this.generic.dump(genericRequest(id, family, command, 0, attrs), options)
  }

  async close(): Promise<void> {
    await Promise.all([this.route.close(), this.generic.close()])
  }
}
