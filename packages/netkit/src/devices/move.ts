import { RT_LINK } from '@netkit/netlink'
import { InputError } from '../input/input-error.ts'
import { checkWholeName } from '../input/names.ts'
import type { NamespaceTarget, Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { LinkMessage } from './decode.ts'
import { look } from './look.ts'
import { type DeviceSelector, deviceText, placeOf, select } from './selector.ts'
import { flagsOf } from './settings.ts'

export interface MoveOptions extends Where {
  /** The namespace that it goes to. */
  readonly to: NamespaceTarget
  /** Its name there. Default: the one that it has, which must be free there. */
  readonly name?: string
  /** Its ifindex there. Default: the one that it has if that is free, else the next one. */
  readonly ifindex?: number
  /** Brings it up there, in the same request. Default: false, it arrives down. */
  readonly up?: boolean
}

/** Moves a device and resolves with how it looks in its new namespace. */
export async function move(places: Places, selector: DeviceSelector, options: MoveOptions): Promise<LinkMessage> {
  const op = `device move ${deviceText(selector)}`
  const { to, name, ifindex: newIfindex, up = false, signal } = options
  if (to === undefined) throw new InputError(op, 'to', 'must be a namespace')
  if (name !== undefined) checkWholeName(op, 'name', name)
  if (newIfindex !== undefined) select(op, 'ifindex', newIfindex)
  return places.with(placeOf(selector, options.in), (scope) =>
    places.opened(to, async (target) => {
      // The name is what finds it again: its ifindex may be another one there.
      const { ifindex, attrs } = await look(scope, op, selector, { stats: false }, signal)
      await scope.routeCall(
        RT_LINK.setlink,
        0,
        { ifindex, ...flagsOf(up ? { up } : {}) },
        { netNsFd: target.fd, ifname: name, newIfindex },
        { op, signal },
      )
      return look(target.scope, op, newIfindex ?? name ?? attrs.ifname ?? '', {}, signal)
    }),
  )
}
