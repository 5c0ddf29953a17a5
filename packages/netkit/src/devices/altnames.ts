import { RT_LINK } from '@netkit/netlink'
import { checkAltname } from '../input/names.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { Rollback } from '../rollback.ts'
import { type DeviceSelector, deviceText, placeOf, select } from './selector.ts'

/** Adds or takes away alternative names, one request each, all or none. */
export async function altnames(
  places: Places,
  what: 'add' | 'remove',
  selector: DeviceSelector,
  names: readonly string[],
  where: Where,
): Promise<void> {
  const op = `device altname ${what} ${deviceText(selector)}`
  names.forEach((name, i) => {
    checkAltname(op, `names[${i}]`, name)
  })
  const { ifindex, attrs } = select(op, 'device', selector)
  await places.with(placeOf(selector, where.in), async (scope) => {
    const send = (how: 'add' | 'remove', name: string) => {
      const message = how === 'add' ? RT_LINK.newlinkprop : RT_LINK.dellinkprop
      return scope.routeCall(
        message,
        0,
        { ifindex },
        { ...attrs, propList: { altIfname: [name] } },
        { op, signal: where.signal },
      )
    }
    const back = new Rollback()
    try {
      for (const name of names) {
        await send(what, name)
        back.done(`altname ${name}`, () => send(what === 'add' ? 'remove' : 'add', name))
      }
    } catch (e) {
      await back.fail(e)
    }
  })
}
