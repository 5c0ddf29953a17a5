import { ETHTOOL, type KernelDoors, type KernelProvider, NETDEV, NETLINK_ROUTE, NLCTRL } from '@netkit/netlink'

/** Commands of generic netlink that only look. */
const LOOKS: ReadonlySet<number> = new Set([
  NLCTRL.commands.getfamily.id,
  NETDEV.commands.queueGet.id,
  ETHTOOL.commands.channelsGet.id,
  ETHTOOL.commands.ringsGet.id,
])
const GENL_COMMAND_AT = 16
/** The kinds of rtnetlink message come in fours: new, delete, get, set. */
const GET = 2

const onlyLooks = (protocol: number, request: Uint8Array): boolean =>
  protocol === NETLINK_ROUTE ? ((request[4] | (request[5] << 8)) & 3) === GET : LOOKS.has(request[GENL_COMMAND_AT])

/** Counts what would change something, and lets nothing more of it through after so many: as if the client had been killed. */
export interface Watch {
  changes: number
  /** Changes that are let through. Default: all. */
  limit: number
  /** Runs before each change. */
  before?: () => Promise<void>
}

/** The doors of a kernel under watch. */
export const watched =
  (provider: KernelProvider, watch: Watch): KernelProvider =>
  async () => {
    const doors = await provider()
    const change = async (): Promise<void> => {
      if (watch.changes >= watch.limit) throw new Error('killed')
      await watch.before?.()
      watch.changes++
    }
    const { hardware, namespaces } = doors
    const guarded =
      <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        await change()
        return await act(...args)
      }
    const watchedDoors: KernelDoors = {
      ...doors,
      kind: doors.kind,
      release: doors.release,
      async netlink(options) {
        const door = await doors.netlink(options)
        return {
          portId: door.portId,
          async send(datagram) {
            if (!onlyLooks(options.protocol, datagram)) await change()
            await door.send(datagram)
          },
          receive: () => door.receive(),
          join: (group) => door.join(group),
          leave: (group) => door.leave(group),
          close: () => door.close(),
          [Symbol.asyncDispose]: () => door.close(),
        }
      },
      namespaces: {
        create: guarded(namespaces.create),
        remove: guarded(namespaces.remove),
        list: () => namespaces.list(),
        open: (ref) => namespaces.open(ref),
      },
      hardware: hardware && {
        ...hardware,
        addNic: guarded(hardware.addNic),
        removeNic: guarded(hardware.removeNic),
      },
      close: () => doors.close(),
      [Symbol.asyncDispose]: () => doors.close(),
    }
    return watchedDoors
  }
