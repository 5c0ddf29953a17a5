import { ETHTOOL, errno, GENL_ID_CTRL, NETDEV, NLCTRL } from '@netkit/netlink'
import type { Core } from '../net/core.ts'
import type { Device } from '../net/device.ts'
import type { DeviceEvent } from '../net/driver.ts'
import type { Listener } from '../net/listener.ts'
import type { PagePool } from '../net/page-pool.ts'
import type { Request } from '../net/request.ts'
import type { FamilyServer, Registered, Served } from './call.ts'
import { dispatch } from './dispatch.ts'
import { EthtoolNotifier } from './ethtool/notify.ts'
import { ethtoolServer } from './ethtool/server.ts'
import { announceDevice, announcePagePool } from './netdev/announce.ts'
import { netdevServer } from './netdev/server.ts'
import { nlctrlServer } from './nlctrl/server.ts'

/**
 * Families and groups get the ids that they have on Debian's Linux of the release. Clients resolve them, as they must on
 * Linux, where they depend on what else is built in. Groups 16 to 18 are taken.
 */
const GROUP_ROOM = 64
const TAKEN_GROUPS: ReadonlySet<number> = new Set([16, 17, 18])

/** The generic netlink families of a kernel, and what they announce. */
export class GenlRegistry {
  readonly kernel: Core
  readonly families: readonly Registered[]
  readonly ethtool: EthtoolNotifier
  readonly #byId: ReadonlyMap<number, Registered>
  readonly #byName: ReadonlyMap<string, Registered>
  #nextFamily: number
  #nextGroup: number

  constructor(kernel: Core) {
    this.kernel = kernel
    this.#nextFamily = kernel.release.build.firstFamily
    this.#nextGroup = kernel.release.build.firstGroup
    this.ethtool = new EthtoolNotifier(kernel, () => this.byName(ETHTOOL.name))
    const servers = [nlctrlServer(this), netdevServer, ethtoolServer(this.ethtool)]
    this.families = servers.map((server) => this.#register(server))
    this.#byId = new Map(this.families.map((f) => [f.id, f]))
    this.#byName = new Map(this.families.map((f) => [f.family.name, f]))
  }

  #register(server: FamilyServer): Registered {
    const { family, handlers } = server
    const controller = family === NLCTRL
    const id = controller ? GENL_ID_CTRL : this.#nextFamily++
    const groups = family.groups.map(() => (controller ? GENL_ID_CTRL : this.#giveGroup()))
    const commands = new Map<number, Served>()
    for (const [key, declared] of Object.entries(family.commands)) {
      const command = declared.event ? undefined : this.kernel.release.command(declared)
      if (!command) continue
      const room = 1 + Math.max(declared.do?.maxId ?? 0, declared.dump?.maxId ?? 0)
      commands.set(command.id, { command, room, handlers: handlers[key] ?? {} })
    }
    return { id, family, groups, server, commands }
  }

  #giveGroup(): number {
    while (TAKEN_GROUPS.has(this.#nextGroup)) this.#nextGroup++
    return this.#nextGroup++
  }

  byId(id: number): Registered | undefined {
    return this.#byId.get(id)
  }

  byName(name: string): Registered {
    const registered = this.#byName.get(name)
    if (!registered) throw new TypeError(`there is no family ${name}`)
    return registered
  }

  find(name: string): Registered | undefined {
    return this.#byName.get(name)
  }

  /** Id of a family, and of a group of it; undefined if there is none. */
  familyId(name: string): number | undefined {
    return this.#byName.get(name)?.id
  }

  groupId(family: string, group: string): number | undefined {
    const registered = this.#byName.get(family)
    return registered?.groups[registered.family.groups.indexOf(group)]
  }

  handle(req: Request): number {
    const registered = this.#byId.get(req.type)
    return registered ? dispatch(this.kernel, req, registered) : -errno.ENOENT
  }

  /** Linux has room for groups in steps of 64, and lets anyone join those that nobody has yet. */
  hasGroup(group: number): boolean {
    return group >= 1 && group <= GROUP_ROOM
  }

  netdevEvent(dev: Device, event: DeviceEvent): void {
    announceDevice(this.kernel, this.byName(NETDEV.name), dev, event)
  }

  pagePoolEvent(pool: PagePool, event: 'add' | 'del' | 'change'): void {
    announcePagePool(this.kernel, this.byName(NETDEV.name), pool, event)
  }

  socketClosed(socket: Listener): void {
    this.kernel.devmem.socketClosed(socket)
  }
}
