import { EXTENSION_ATTACH_TYPE } from '@netkit/bpf'
import { HOOK, type Hook } from '../net/device-programs.ts'
import { REDIRECT_EGRESS, REDIRECT_INGRESS, REDIRECT_NEIGHBOUR, REDIRECT_PEER } from '../net/redirect.ts'

const HOOK_NAMES: Readonly<Record<Hook, string>> = {
  [HOOK.netkit]: 'netkit',
  [HOOK.tcxIngress]: 'tcx ingress',
  [HOOK.tcxEgress]: 'tcx egress',
  [HOOK.test]: 'test run',
  [HOOK.xdp]: 'xdp',
}

const XDP_HOOK_NAMES: Readonly<Record<number, string>> = {
  [EXTENSION_ATTACH_TYPE.xdpNetkitEgress]: 'xdp netkit egress',
  [EXTENSION_ATTACH_TYPE.xdpNetkitInject]: 'xdp netkit inject',
}

/** How a hook is called; XDP programs run in more than one place, which their attach type tells. */
export const hookName = (hook: Hook, attachType: number): string =>
  (hook === HOOK.xdp ? XDP_HOOK_NAMES[attachType] : undefined) ?? HOOK_NAMES[hook]

const CLS: Readonly<Record<number, string>> = { [-1]: 'NEXT', 0: 'PASS', 2: 'DROP', 7: 'REDIRECT' }
const XDP = ['ABORTED', 'DROP', 'PASS', 'TX', 'REDIRECT']

/** A verdict by its name, or the number that means nothing. */
export function verdictName(verdict: number, hook: Hook): string {
  const name = hook === HOOK.xdp ? XDP[verdict] : CLS[verdict]
  return name ?? `${verdict}, which is no verdict`
}

/** Where a redirect leads, from what the helper noted. `device`: the target's name, if there is one. */
export function redirectText(device: string | undefined, ifindex: number, flags: number): string {
  if (ifindex === 0) return 'to nowhere'
  const target = device ?? `ifindex ${ifindex}, which is nobody's`
  if ((flags & REDIRECT_NEIGHBOUR) !== 0) return `to a neighbour out of ${target}`
  if ((flags & REDIRECT_PEER) !== 0)
    return (flags & REDIRECT_EGRESS) !== 0 ? `to the egress of the peer of ${target}` : `to the peer of ${target}`
  return `to the ${(flags & REDIRECT_INGRESS) !== 0 ? 'ingress' : 'egress'} of ${target}`
}
