import { type FamilyById, type KernelDoors, NETLINK_ROUTE, type NetlinkDoor, onlyReads } from '@netkit/netlink'

/** Message types and commands that no kernel has: it refuses them with EOPNOTSUPP. */
const NO_MESSAGE = 126
const NO_COMMAND = 250

/** The same doors, but of the requests that change something those are refused that `refuses` says, by their number from 1. */
export function refusing(doors: KernelDoors, families: FamilyById, refuses: (n: number) => boolean): KernelDoors {
  let changes = 0
  const spoiled = (protocol: number, bytes: Uint8Array): Uint8Array => {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const changing = !onlyReads(protocol, view.getUint16(4, true), bytes[16], families)
    if (!changing || !refuses(++changes)) return bytes
    const copy = bytes.slice()
    if (protocol === NETLINK_ROUTE) copy[4] = NO_MESSAGE
    else copy[16] = NO_COMMAND
    return copy
  }
  return Object.assign(Object.create(doors) as KernelDoors, {
    async netlink(options: Parameters<KernelDoors['netlink']>[0]): Promise<NetlinkDoor> {
      const socket = await doors.netlink(options)
      return new Proxy(socket, {
        get(target, key) {
          if (key === 'send') return (bytes: Uint8Array) => target.send(spoiled(options.protocol, bytes))
          const member = Reflect.get(target, key)
          return typeof member === 'function' ? member.bind(target) : member
        },
      })
    },
    close: () => doors.close(),
  })
}
