/** Who sends a request, see README.md. Absent: root with all capabilities. */
export type Requester = 'user' | 'nocap' | 'send-user' | 'send-nocap'

/** The socket that a request is sent through: a new one for each. */
export interface SocketSettings {
  readonly portid: number
  readonly ext_ack?: 1
  readonly cap_ack?: 1
  readonly strict?: 1
  readonly as?: Requester
}

/** A new namespace, open in the requester as descriptor `fd`. `owner`: a child user namespace owns it and asks in it. */
export interface AddNamespace {
  readonly op: 'ns-add'
  readonly ns: string
  readonly fd: number
  readonly owner?: 1
}

/** Everybody lets go of a namespace. */
export interface DeleteNamespace {
  readonly op: 'ns-del'
  readonly ns: string
}

/** A process that lives in a namespace from now on. */
export interface AddProcess {
  readonly op: 'process'
  readonly ns: string
  readonly pid: number
}

/** A datagram. `wait`: its effects may come late although nothing is heard of it at once. */
export interface Send {
  readonly op: 'netlink'
  readonly ns: string
  readonly proto: Protocol
  readonly sock: SocketSettings
  readonly req: string
  readonly wait?: 1
  readonly note?: string
}

/** A NIC is plugged in. Its number must be no other scenario's. */
export interface PlugNic {
  readonly op: 'nic-add'
  readonly ns: string
  readonly nic: number
  readonly queues: number
}

export interface UnplugNic {
  readonly op: 'nic-del'
  readonly nic: number
}

/** Time passes, by the clock of the machine. */
export interface Pause {
  readonly op: 'pause'
  readonly seconds: number
}

export type Step = AddNamespace | DeleteNamespace | AddProcess | Send | PlugNic | UnplugNic | Pause

/** Steps that start from nothing. */
export interface Scenario {
  readonly name: string
  /** Groups of rtnetlink that are listened to, besides those of links and ids. */
  readonly groups?: readonly number[]
  readonly steps: readonly Step[]
}

export type Protocol = 'route' | 'generic'

/** A notification: namespace, protocol, message. */
export type Heard = readonly [ns: string, proto: string, hex: string]

/** What a step led to. */
export interface Outcome {
  readonly replies?: readonly string[]
  readonly notify: readonly Heard[]
  readonly send_errno?: number
  /** The recorder itself failed. */
  readonly error?: string
}

export interface Recorded {
  readonly name: string
  /** Release of the kernel. */
  readonly kernel: string
  readonly steps: readonly Outcome[]
}
