import { errno } from '@netkit/netlink'
import type { DriverHooks } from '../../net/driver.ts'

/** The kind `netdevsim` exists, but such devices are not made by rtnetlink. */
export const netdevsimKind: DriverHooks = {
  kind: 'netdevsim',
  nameTemplate: 'eth%d',
  setup() {
    // Never called: validate refuses.
  },
  validate: (_link, req) =>
    req.refuse(
      errno.EOPNOTSUPP,
      'netdevsim: Please use: echo "[ID] [PORT_COUNT] [NUM_QUEUES]" > /sys/bus/netdevsim/new_device',
    ),
  newlink: () => -errno.EOPNOTSUPP,
}
