import { LINK } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'

const L = LINK.ids
const LEGACY_MAX = 65536

/** Limits of packets that are cut or joined in software or hardware, by attribute. Sizes up to the classic limit set the IPv4 limit along. */
export const SIZES: readonly (readonly [id: number, set: (dev: Device, n: number) => void])[] = [
  [
    L.gsoMaxSize,
    (dev, size) => {
      dev.gsoMaxSize = size
      if (size <= LEGACY_MAX) dev.gsoIpv4MaxSize = size
    },
  ],
  [
    L.gsoMaxSegs,
    (dev, segments) => {
      dev.gsoMaxSegs = segments
    },
  ],
  [
    L.groMaxSize,
    (dev, size) => {
      dev.groMaxSize = size
      if (size <= LEGACY_MAX) dev.groIpv4MaxSize = size
    },
  ],
  [
    L.gsoIpv4MaxSize,
    (dev, size) => {
      dev.gsoIpv4MaxSize = size
    },
  ],
  [
    L.groIpv4MaxSize,
    (dev, size) => {
      dev.groIpv4MaxSize = size
    },
  ],
]
