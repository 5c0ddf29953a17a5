import type { KernelDoors, KernelProvider, NetlinkSocketOptions } from '@netkit/netlink'
import type { CredentialsArg, Hello, NamespaceArg, Welcome } from '../wire/protocol.ts'
import { ClientConnection, connectionLost, isNobodyThere } from './connection.ts'
import { remoteBpf } from './remote-bpf.ts'
import { remoteHardware } from './remote-hardware.ts'
import { namespaceArg, remoteNamespaces } from './remote-namespaces.ts'
import { RemoteNetlink } from './remote-netlink.ts'
import { remoteCopies, remoteEthtool, remotePackets, remoteSysctl } from './remote-packets.ts'
import { remoteSockets } from './remote-sockets.ts'

export interface RemoteOptions {
  /** Path of the kernel's socket. */
  readonly socket: string
  /** The namespace that this client lives in. Default: the initial one. */
  readonly namespace?: NamespaceArg
  /** Who it is there. Default: root with all capabilities. */
  readonly credentials?: CredentialsArg
}

/** A name that no other client of this user has. It is no secret, and `node:crypto` would take 15 ms to load. */
const sessionName = (): string => [process.pid, Date.now(), Math.random()].map((n) => n.toString(36)).join('-')

type Ask = Omit<Hello, 'netkit' | 'pid' | 'session' | 'namespace' | 'credentials'>

/** A client of a kernel process: one session, with a connection for calls and one for each netlink socket and capture. */
export class Remote {
  readonly #options: RemoteOptions
  readonly #session = sessionName()
  readonly #connections = new Set<ClientConnection>()
  #connected = false

  constructor(options: RemoteOptions) {
    this.#options = options
  }

  async connect(ask: Ask): Promise<[ClientConnection, Welcome]> {
    const { socket, namespace, credentials } = this.#options
    const opened = await ClientConnection.open(socket, {
      ...ask,
      session: this.#session,
      namespace,
      credentials,
    }).catch((error: unknown) => {
      // The session was there already: whoever kept it has gone since.
      throw this.#connected && isNobodyThere(error) ? connectionLost(error) : error
    })
    this.#connected = true
    const [connection] = opened
    this.#connections.add(connection)
    void connection.gone().then(() => this.#connections.delete(connection))
    return opened
  }

  async close(): Promise<void> {
    const all = [...this.#connections]
    this.#connections.clear()
    await Promise.all(all.map((one) => one.close()))
  }

  /** Connects, and has the doors. */
  async doors(): Promise<KernelDoors> {
    const [calls, welcome] = await this.connect({ door: 'calls' })
    const close = () => this.close()
    return {
      kind: welcome.kernel,
      release: welcome.release,
      netlink: ({ namespace, ...options }: NetlinkSocketOptions) =>
        RemoteNetlink.open(this, { ...options, namespace: namespaceArg(namespace) }),
      namespaces: remoteNamespaces(calls),
      bpf: remoteBpf(calls),
      ethtoolIoctl: remoteEthtool(calls),
      hardware: remoteHardware(calls),
      packets: remotePackets(this, calls),
      copies: remoteCopies(calls),
      inetSockets: remoteSockets(calls),
      sysctl: remoteSysctl(calls),
      close,
      [Symbol.asyncDispose]: close,
    }
  }
}

/** A kernel in another process, by its socket. Rejects with a system error (ENOENT, ECONNREFUSED) where none listens. */
export const remote =
  (options: RemoteOptions): KernelProvider =>
  () =>
    new Remote(options).doors()
