import { type Device, type Kernel, KernelError, type Where } from 'netkit'
import { NotFoundError } from '../failure.ts'

/** Devices by their names. Says which one there is not. */
export async function devicesOf(
  kernel: Kernel,
  names: readonly string[],
  where: Where,
  stats = false,
): Promise<Device[]> {
  const found: Device[] = []
  for (const name of names) {
    try {
      found.push(await kernel.devices.get(name, { ...where, stats, vf: false }))
    } catch (e) {
      if (e instanceof KernelError && e.code === 'ENODEV')
        throw new NotFoundError(`Device "${name}" does not exist.`, { cause: e })
      throw e
    }
  }
  return found
}
