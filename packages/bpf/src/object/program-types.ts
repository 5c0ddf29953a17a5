import { EXTENSION_ATTACH_TYPE } from '../syscall/extensions.ts'
import { ATTACH_TYPE, PROG_FLAG, PROG_TYPE } from '../syscall/numbers.ts'

/** What a section's name says about the programs in it. Numbers of `uapi/linux/bpf.h`. */
export interface ProgramType {
  /** `BPF_PROG_TYPE_*`. */
  readonly type: number
  /** `BPF_*` attach type that is sent with the program. */
  readonly attachType: number
  /** Flags of PROG_LOAD. */
  readonly flags: number
}

const { schedCls, schedAct, xdp } = PROG_TYPE
const { xdpNetkitEgress, xdpNetkitInject } = EXTENSION_ATTACH_TYPE

const SECTIONS: Readonly<Record<string, readonly [type: number, attachType: number, flags?: number]>> = {
  tc: [schedCls, 0],
  classifier: [schedCls, 0],
  'tc/ingress': [schedCls, ATTACH_TYPE.tcxIngress],
  'tc/egress': [schedCls, ATTACH_TYPE.tcxEgress],
  'tcx/ingress': [schedCls, ATTACH_TYPE.tcxIngress],
  'tcx/egress': [schedCls, ATTACH_TYPE.tcxEgress],
  'netkit/primary': [schedCls, ATTACH_TYPE.netkitPrimary],
  'netkit/peer': [schedCls, ATTACH_TYPE.netkitPeer],
  action: [schedAct, 0],
  xdp: [xdp, ATTACH_TYPE.xdp],
  'xdp.frags': [xdp, ATTACH_TYPE.xdp, PROG_FLAG.xdpHasFrags],
  'xdp/devmap': [xdp, ATTACH_TYPE.xdpDevmap],
  'xdp.frags/devmap': [xdp, ATTACH_TYPE.xdpDevmap, PROG_FLAG.xdpHasFrags],
  'xdp/cpumap': [xdp, ATTACH_TYPE.xdpCpumap],
  'xdp.frags/cpumap': [xdp, ATTACH_TYPE.xdpCpumap, PROG_FLAG.xdpHasFrags],
  'xdp/netkit_egress': [xdp, xdpNetkitEgress],
  'xdp.frags/netkit_egress': [xdp, xdpNetkitEgress, PROG_FLAG.xdpHasFrags],
  'xdp/netkit_inject': [xdp, xdpNetkitInject],
  'xdp.frags/netkit_inject': [xdp, xdpNetkitInject, PROG_FLAG.xdpHasFrags],
}

/** The type of programs in a section (without the `?` of those that are not loaded by default); undefined if its name says none. */
export function programType(section: string): ProgramType | undefined {
  const row = Object.hasOwn(SECTIONS, section) ? SECTIONS[section] : undefined
  return row && { type: row[0], attachType: row[1], flags: row[2] ?? 0 }
}
