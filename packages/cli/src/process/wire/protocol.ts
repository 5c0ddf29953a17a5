/** Version of docs/protocol.md. It grows when a client of an older one could not be served. */
export const PROTOCOL_VERSION = 1

/** What a connection is for. `calls`: everything but netlink sockets and captures. */
export type DoorName = 'netlink' | 'calls' | 'capture'

/** A namespace by name, or as a descriptor of the session. */
export type NamespaceArg = { readonly name: string } | { readonly fd: number }

/** Who a client wants to be. It can only be less than its session is. */
export interface CredentialsArg {
  readonly uid?: number
  /** Names (`CAP_NET_ADMIN`) or numbers. Default: all for uid 0, else none. */
  readonly capabilities?: readonly (string | number)[]
}

/** Options of a netlink socket, as `NetlinkSocketOptions`. */
export interface NetlinkArg {
  readonly protocol: number
  readonly namespace?: NamespaceArg
  readonly portId?: number
  readonly extAck?: boolean
  readonly capAck?: boolean
  readonly strict?: boolean
  readonly listenAllNsid?: boolean
  readonly receiveBuffer?: number
}

/** Options of a capture, as `CaptureOptions`. */
export interface CaptureArg {
  readonly namespace?: NamespaceArg
  readonly devices?: readonly string[]
  readonly snapLength?: number
  readonly drops?: boolean
  readonly everywhere?: boolean
  readonly filter?: string
  readonly programs?: boolean
}

/** The first frame of a client. */
export interface Hello {
  /** PROTOCOL_VERSION. */
  readonly netkit: number
  readonly door: DoorName
  /** Connections of the same session share file descriptors. 1 to 64 characters. Default: a session of its own. */
  readonly session?: string
  /** The namespace that a new session lives in. Default: the initial one. */
  readonly namespace?: NamespaceArg
  readonly credentials?: CredentialsArg
  /** The client's process id, for where the kernel cannot ask the machine. */
  readonly pid?: number
  readonly netlink?: NetlinkArg
  readonly capture?: CaptureArg
}

/** The kernel's answer. */
export interface Welcome {
  readonly netkit: number
  /** `embedded`. */
  readonly kernel: string
  /** Release that it answers as. */
  readonly release: string
  /** Release of the command that it was started from. */
  readonly version: string
  /** Process id of the kernel process. */
  readonly pid: number
  readonly session: string
  /** Of a netlink socket. */
  readonly portId?: number
}

/** Why something was refused. */
export interface Refused {
  readonly errno: number
  readonly code: string
  readonly op: string
  readonly extack?: string
}

/** Bytes allowed in the first frame, and in others. */
export const HELLO_LIMIT = 4096
export const FRAME_LIMIT = 1 << 20
/** Bytes allowed in the attachments of one call. */
export const ATTACHMENTS_LIMIT = 64 << 20
