import {
  ALL_CAPABILITIES,
  type Credentials,
  Kernel,
  type NetlinkSocket,
  NO_CAPABILITIES,
  type Process,
  simulatedWorld,
  type UserNamespace,
} from '@netkit/kernel'
import { Place } from './place.ts'

/** Who asks: root of the machine, root of a child user namespace (who owns every second namespace), nobody. */
export type Caller = 'root' | 'child' | 'nobody'

/** An embedded kernel with several namespaces, several clients, and someone who watches everything. */
export class Machine {
  readonly kernel: Kernel
  readonly places: Place[] = []
  /** A request for alternative names was refused half way: Linux tells nobody of those before the bad one. */
  altNamesUntold = false
  readonly #clients: Readonly<Record<Caller, Process>>
  readonly #sockets = new Map<string, NetlinkSocket>()
  readonly #child: UserNamespace
  #lastFd: number

  /** `firstFd`: descriptor of the initial namespace, the others follow. */
  constructor(seed: number, firstFd = 101) {
    this.#lastFd = firstFd - 1
    this.kernel = new Kernel({ world: simulatedWorld(seed) })
    this.#child = { parent: this.kernel.initialUserNs, ownerUid: 1000 }
    const client = (credentials: Credentials) => this.kernel.createProcess({ credentials })
    this.#clients = {
      root: client(this.kernel.root),
      child: client({ uid: 0, userNs: this.#child, capabilities: ALL_CAPABILITIES }),
      nobody: client({ uid: 65534, userNs: this.kernel.initialUserNs, capabilities: NO_CAPABILITIES }),
    }
    this.#enter('initial', this.kernel.initialNs)
  }

  get first(): Place {
    return this.places[0]
  }

  process(caller: Caller): Process {
    return this.#clients[caller]
  }

  get ethtoolId(): number {
    return this.kernel.genl.familyId('ethtool') ?? 0
  }

  addNamespace(): Place {
    const owner = this.places.length % 2 === 0 ? this.#child : this.kernel.initialUserNs
    return this.#enter(`ns${this.#lastFd + 1}`, this.kernel.createNamespace(owner))
  }

  #enter(label: string, ns: Kernel['initialNs']): Place {
    const fd = ++this.#lastFd
    for (const client of Object.values(this.#clients)) client.openNamespace(ns, fd)
    const place = new Place(this.kernel, this.#clients.root, label, ns, fd)
    this.places.push(place)
    return place
  }

  /** Everyone lets go of a namespace, so that it goes. */
  removeNamespace(place: Place): void {
    this.places.splice(this.places.indexOf(place), 1)
    place.close()
    for (const caller of Object.keys(this.#clients) as Caller[]) {
      for (const protocol of [0, 16]) {
        const key = `${place.fd} ${caller} ${protocol}`
        this.#sockets.get(key)?.close()
        this.#sockets.delete(key)
      }
      this.#clients[caller].closeFile(place.fd)
    }
    this.kernel.afterRequest()
  }

  /** The socket of a caller in a namespace. */
  socket(place: Place, caller: Caller, protocol: number): NetlinkSocket {
    const key = `${place.fd} ${caller} ${protocol}`
    let socket = this.#sockets.get(key)
    if (!socket) {
      const process = this.#clients[caller]
      socket = this.kernel.openSocket({ protocol, ns: place.ns, process, extAck: true, receiveBuffer: 1 << 30 })
      this.#sockets.set(key, socket)
    }
    return socket
  }

  listen(): void {
    for (const place of this.places) place.listen()
  }

  /** All that anyone could see, as text. */
  snapshot(): string {
    return this.places.map((place) => `${place.label}\n${place.snapshot()}`).join('\n')
  }

  /** All clients go, with their sockets. */
  close(): void {
    for (const place of this.places) place.close()
    for (const socket of this.#sockets.values()) socket.close()
    for (const client of Object.values(this.#clients)) this.kernel.endProcess(client)
  }

  /** Takes everything away that can be taken away, as its users would. */
  dismantle(): void {
    for (const place of this.places.slice(1).reverse()) this.removeNamespace(place)
    for (const id of [...this.kernel.nics.nics.keys()]) this.kernel.nics.unplug(id)
    this.kernel.afterRequest()
  }
}
