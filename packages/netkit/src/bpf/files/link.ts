import { ATTACH_FLAG, attachName, BPF_COMMANDS, INFO_SIZE, LINK_INFO, LINK_TYPE, linkTypeName } from '@netkit/bpf'
import type { BpfCalls } from '../calls.ts'
import { BpfFile } from './file.ts'
import { objectInfo } from './info.ts'
import type { Program } from './program.ts'

/** What a kernel tells about a link. */
export interface LinkInfo {
  readonly id: number
  /** `netkit`, `tcx`, `xdp`, …, in bpftool's spelling. */
  readonly type: string
  readonly programId: number
  /**
   * Of links to devices: the device whose list the program is in, by its index in its own namespace: of a netkit peer's program that is the
   * peer. 0 once the link is defunct: detached, or its device has gone.
   */
  readonly ifindex: number | undefined
  /** `netkit_primary`, …; absent where the type of link has none. */
  readonly at: string | undefined
}

const TO_DEVICES: ReadonlySet<number> = new Set(Object.values(LINK_TYPE))

/** A link: while it is open or pinned its program stays attached. */
export class Link extends BpfFile {
  readonly #name: string

  /** @internal */
  constructor(calls: BpfCalls, fd: number, name: string) {
    super(calls, fd)
    this.#name = name
  }

  get label(): string {
    return `link ${this.#name}`
  }

  async info(): Promise<LinkInfo> {
    const { values } = await objectInfo(this.calls, this.fd, LINK_INFO, INFO_SIZE.link, `look at ${this.label}`)
    const { type, id, progId, ifindex, attachType } = values
    const toDevice = TO_DEVICES.has(type)
    return {
      id,
      type: linkTypeName(type),
      programId: progId,
      ifindex: toDevice ? ifindex : undefined,
      at: type === LINK_TYPE.xdp ? 'xdp' : toDevice ? attachName(attachType) : undefined,
    }
  }

  /**
   * Puts another program in the place of its own, without a gap. `expected`: only if its program is this one (EPERM). KernelError ENOLINK
   * once it is defunct, EEXIST if the program is attached there already.
   */
  async update(program: Program, { expected }: { readonly expected?: Program } = {}): Promise<void> {
    await this.calls.call(BPF_COMMANDS.linkUpdate, {
      op: `update ${this.label}`,
      values: {
        linkFd: this.fd,
        newProgFd: program.fd,
        ...(expected && { flags: ATTACH_FLAG.replace, oldProgFd: expected.fd }),
      },
    })
  }

  /** Takes the program off the device; the link stays, defunct. Harmless when it is so already. */
  async detach(): Promise<void> {
    await this.calls.call(BPF_COMMANDS.linkDetach, { op: `detach ${this.label}`, values: { linkFd: this.fd } })
  }
}
