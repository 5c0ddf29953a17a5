import type { Device } from '../../net/device.ts'
import { forwards6 } from '../../net/forwarding.ts'
import * as nud from '../../net/neighbour-states.ts'
import type { ProxyNeighbour } from '../../net/proxies.ts'
import { proxiesNdp } from '../../net/proxy-switches.ts'
import { isAny6 } from '../core/address.ts'
import type { IpStack } from '../core/stack.ts'
import { sourceFor6 } from '../routing/source6.ts'
import { ALL_NODES, ROUTER, SOLICITED, sendAdvertisement } from './ndp-message.ts'

/** Who asks for which address. */
export interface Solicitation {
  /** Nobody, where it is asked whether the address is free. */
  readonly asker: Int32Array
  readonly about: Int32Array
  /** The hardware address of the asker, if it was told. */
  readonly hardware: Uint8Array | undefined
  /** It went to a group; the frame was for us alone. */
  readonly toGroup: boolean
  readonly toUs: boolean
}

/** Answers a solicitation for an address that is a proxy on the device, where that forwards and answers for proxies. Source: RFC 4861 §7.2.8. */
export function answerForOthers6(stack: IpStack, dev: Device, asked: Solicitation): void {
  if (proxyFor(stack, dev, asked.about) === undefined) return
  const delay = asked.toGroup && !asked.toUs ? (dev.inet?.proxyDelay6 ?? 0) : 0
  if (delay === 0) answer(stack, dev, asked)
  else
    stack.lateNdp.add(dev, delay, () => {
      answer(stack, dev, asked)
      stack.flush()
    })
}

const proxyFor = (stack: IpStack, dev: Device, about: Int32Array): ProxyNeighbour | undefined =>
  forwards6(dev) && proxiesNdp(dev) ? stack.neighbours6.proxies.find(dev.ns, dev, about) : undefined

/** Who has the address himself may override what is said here. */
function answer(stack: IpStack, dev: Device, { asker, about, hardware, toGroup }: Solicitation): void {
  const proxy = proxyFor(stack, dev, about)
  if (proxy === undefined) return
  const probing = isAny6(asker, 0)
  const to = probing ? ALL_NODES : asker
  const from = sourceFor6(dev.ns, dev, to, 0)?.local
  if (!probing && hardware !== undefined) learnAsker(stack, dev, asker, hardware)
  if (from === undefined) return
  const flags = ((proxy.flags & nud.NTF_ROUTER) !== 0 ? ROUTER : 0) | (probing ? 0 : SOLICITED)
  sendAdvertisement(stack, dev, flags, about, from, to, toGroup)
}

/** Who asks tells where he is. */
export function learnAsker(stack: IpStack, dev: Device, asker: Int32Array, hardware: Uint8Array): void {
  const n = stack.neighbours6.get(dev, asker)
  if (n === undefined) return
  stack.neighbours6.update(n, hardware, nud.NUD_STALE, nud.UPDATE_WEAK_OVERRIDE | nud.UPDATE_OVERRIDE)
}
