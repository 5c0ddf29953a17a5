import { loopbackDriver } from '../drivers/loopback/loopback.ts'
import type { Kernel } from '../kernel.ts'
import type { DriverHooks } from '../net/driver.ts'
import { nicKeepers } from './keep-nic.ts'
import { type Keeper, plainKeeper } from './keeper.ts'
import { SnapshotError } from './plain.ts'

/** Devices that rtnetlink cannot make. All others are found by their kind and are plain. */
const SPECIAL: readonly Keeper[] = [plainKeeper('loopback', loopbackDriver), ...nicKeepers]

const plain = new Map<DriverHooks, Keeper>()

function keeperOfKind(driver: DriverHooks, kind: string): Keeper {
  let keeper = plain.get(driver)
  if (!keeper) {
    keeper = plainKeeper(kind, driver)
    plain.set(driver, keeper)
  }
  return keeper
}

/** Throws SnapshotError for a driver whose devices nobody knows how to keep. */
export function keeperOf(driver: DriverHooks): Keeper {
  const special = SPECIAL.find((keeper) => keeper.driver === driver)
  if (special) return special
  if (driver.kind !== undefined) return keeperOfKind(driver, driver.kind)
  throw new SnapshotError(`devices called ${driver.nameTemplate} cannot be kept`)
}

export function keeperNamed(kernel: Kernel, name: string): Keeper {
  const special = SPECIAL.find((keeper) => keeper.name === name)
  if (special) return special
  const driver = kernel.drivers.byKind(name)
  if (!driver) throw new SnapshotError(`there are no devices of kind ${name}`)
  return keeperOfKind(driver, name)
}
