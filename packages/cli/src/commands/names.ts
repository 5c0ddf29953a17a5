import type { Kernel, Where } from 'netkit'

/** Names of the devices in a namespace, by ifindex. */
export async function deviceNames(kernel: Kernel, where: Where): Promise<(ifindex: number | undefined) => string> {
  const devices = await kernel.devices.list({ ...where, namesOnly: true })
  const names = new Map(devices.map((d) => [d.ifindex, d.name]))
  return (ifindex) => (ifindex === undefined ? '' : (names.get(ifindex) ?? `if${ifindex}`))
}
