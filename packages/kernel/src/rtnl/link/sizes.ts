import type { Device } from '../../net/device.ts'

const LEGACY_MAX = 65536

/** Sizes up to the classic limit set the IPv4 limit along. */
export function setGsoMaxSize(dev: Device, size: number): void {
  dev.gsoMaxSize = size
  if (size <= LEGACY_MAX) dev.gsoIpv4MaxSize = size
}

export function setGroMaxSize(dev: Device, size: number): void {
  dev.groMaxSize = size
  if (size <= LEGACY_MAX) dev.groIpv4MaxSize = size
}
