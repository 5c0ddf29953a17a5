import { errno } from '@netkit/netlink'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { REGISTERED } from './device.ts'
import { deviceEvent } from './events.ts'
import type { NetNamespace } from './namespace.ts'
import { nsidFor } from './nsid.ts'
import { addToNamespace, removeFromNamespace } from './register.ts'
import { closeDevice } from './updown.ts'

const ALL = 0xffff_ffff

/** Where a device is to go, and what it wants to be called there. */
export interface Move {
  readonly to: NetNamespace
  /** Wanted if its present name is taken there; may be a template. */
  readonly name?: string
  /** 0: keep the present one if it is free there. */
  readonly ifindex?: number
}

/** A refusal: errno and text, formatted where it quotes a value. */
export interface MoveRefusal {
  readonly error: number
  readonly text: string
  readonly formatted?: boolean
}

/** Moves a device to another namespace; it arrives down. Returns what refused, if anything. Source: spec 01 §2.13. */
export function moveDevice(kernel: Core, dev: Device, { to, name, ifindex = 0 }: Move): MoveRefusal | undefined {
  const stays = dev.ns === to
  if (stays && (kernel.release.does.stayingIsNoMove || !dev.netnsImmutable)) return undefined
  if (dev.netnsImmutable) return { error: -errno.EINVAL, text: 'The interface netns is immutable' }
  if (dev.state !== REGISTERED) return { error: -errno.EINVAL, text: "The interface isn't registered" }

  let newName = dev.name
  if (to.names.has(dev.name)) {
    if (name === undefined) {
      return { error: -errno.EEXIST, text: 'An interface with the same name exists in the target netns' }
    }
    const result = to.names.resolve(name)
    const error = 'error' in result ? result.error : to.names.has(result.name) ? -errno.EEXIST : 0
    if ('error' in result || error !== 0) {
      const text = `Unable to use '${name}' for the new interface name in the target netns`
      return { error, text, formatted: true }
    }
    newName = result.name
  }
  for (const alt of dev.altNames ?? []) {
    if (!to.names.has(alt)) continue
    const text = `An interface with the altname ${alt} exists in the target netns`
    return { error: -errno.EEXIST, text, formatted: true }
  }
  if (ifindex !== 0 && to.devices.has(ifindex)) {
    const text = `The ifindex ${ifindex} is not available in the target netns`
    return { error: -errno.EBUSY, text, formatted: true }
  }
  const newIfindex = ifindex !== 0 ? ifindex : to.devices.has(dev.ifindex) ? to.nextIfindex() : dev.ifindex

  if (dev.up) closeDevice(kernel, dev, { gone: true })
  removeFromNamespace(dev)
  dev.moving = true
  deviceEvent(kernel, dev, 'left')
  const newNsid = nsidFor(kernel, dev.ns, to)
  dev.qdisc = 'noop'
  kernel.announce.linkGone(dev, { change: ALL, newNetnsid: newNsid, newIfindex })()
  dev.ns = to
  dev.ifindex = newIfindex
  dev.name = newName
  dev.moving = false
  addToNamespace(dev)
  deviceEvent(kernel, dev, 'arrived')
  kernel.announce.link(dev, { change: ALL })
  kernel.changes++
  return undefined
}
