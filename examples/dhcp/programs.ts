import { assemble, EXTENSION_ATTACH_TYPE, encode } from '@netkit/bpf'
import type { BpfMap, Kernel } from 'netkit'

/** Goes to `other` unless the frame is a datagram of UDP over IPv4 without options, with these ports. Leaves the start of it in r2. */
const unlessUdp = (from: number, to: number): string => `
  r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4)
  r4 = r2; r4 += 42; if r4 > r3 goto other
  r4 = *(u16 *)(r2 + 12); if r4 != 0x0008 goto other
  r4 = *(u8 *)(r2 + 14); if r4 != 0x45 goto other
  r4 = *(u8 *)(r2 + 23); if r4 != 17 goto other
  r4 = *(u16 *)(r2 + 34); r4 = be16 r4; if r4 != ${from} goto other
  r4 = *(u16 *)(r2 + 36); r4 = be16 r4; if r4 != ${to} goto other
`

/** What the application may send: DHCP requests go to the pod, other frames to the wire, and none under another's hardware address. */
const egress = (mac: Uint8Array): string => `
  r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4)
  r4 = r2; r4 += 14; if r4 > r3 goto drop
  r4 = *(u16 *)(r2 + 6); if r4 != ${mac[0] | (mac[1] << 8)} goto drop
  r4 = *(u16 *)(r2 + 8); if r4 != ${mac[2] | (mac[3] << 8)} goto drop
  r4 = *(u16 *)(r2 + 10); if r4 != ${mac[4] | (mac[5] << 8)} goto drop
  ${unlessUdp(68, 67)}
  r0 = 2; exit
other:
  r0 = 3; exit
drop:
  r0 = 1; exit
`

/** Of what the pod sends by the device, DHCP replies reach the application. */
const inject = (sockets: BpfMap): string => `
  ${unlessUdp(67, 68)}
  r1 = map[fd:${sockets.fd}]; r2 = 0; r3 = 2; call redirect_map; exit
other:
  r0 = 2; exit
`

/** Puts both programs onto a single device. `sockets`: an XSKMAP with the application's socket under key 0; `mac`: of the application. */
export async function attachPrograms(
  kernel: Kernel,
  place: { readonly device: string; readonly in: string },
  sockets: BpfMap,
  mac: Uint8Array,
): Promise<void> {
  for (const [at, attachType, code] of [
    ['xdp_netkit_egress', EXTENSION_ATTACH_TYPE.xdpNetkitEgress, egress(mac)],
    ['xdp_netkit_inject', EXTENSION_ATTACH_TYPE.xdpNetkitInject, inject(sockets)],
  ] as const) {
    const options = { type: 'xdp', attachType, name: at.slice(4) } as const
    await using program = await kernel.bpf.loadProgram(encode(assemble(code)), options)
    await kernel.bpf.attach(program, { ...place, at })
  }
}
