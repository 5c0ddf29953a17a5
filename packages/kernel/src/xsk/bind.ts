import { AF_XDP, errno, SOCKADDR_XDP, XDP_ACT, XDP_BIND } from '@netkit/netlink'
import type { Core } from '../net/core.ts'
import type { Device } from '../net/device.ts'
import { highestProvided } from '../net/lease.ts'
import { claimSlot, clearSlot, isOccupied } from '../net/xsk-slot.ts'
import { makePool, type Pool } from './pool.ts'
import { BOUND, READY, type XskSocket } from './socket.ts'

const EVERY_FLAG = 0x1f
const { sharedUmem, copy, zerocopy, useNeedWakeup, useSg } = XDP_BIND
const ZERO_COPY = XDP_ACT.basic | XDP_ACT.redirect | XDP_ACT['xsk-zerocopy']
/** Bytes of Ethernet header, tags and checksum that a frame has beside its MTU, and of a list of fragments. */
const FRAME_EXTRA = 26
const TAILROOM = 320
const HEADROOM = 256

/** Where and how a socket is to be bound. */
interface Wish {
  readonly dev: Device
  readonly queue: number
  readonly flags: number
}

/** bind(2): 0 or a negative errno, in the order of spec 03 §5.2. `socketAt`: by descriptor, or the errno of a wrong one. */
export function bind(
  kernel: Core,
  socket: XskSocket,
  address: Uint8Array,
  socketAt: (fd: number) => XskSocket | number,
): number {
  if (address.length < SOCKADDR_XDP.size) return -errno.EINVAL
  const view = new DataView(address.buffer, address.byteOffset, address.length)
  const flags = view.getUint16(SOCKADDR_XDP.flags, true)
  if (view.getUint16(SOCKADDR_XDP.family, true) !== AF_XDP || (flags & ~EVERY_FLAG) !== 0) return -errno.EINVAL
  if (socket.state !== READY) return -errno.EBUSY
  const dev = socket.ns.devices.get(view.getUint32(SOCKADDR_XDP.ifindex, true))
  if (!dev) return -errno.ENODEV
  if (!socket.rx && !socket.tx) return -errno.EINVAL
  const wish = { dev, queue: view.getUint32(SOCKADDR_XDP.queueId, true), flags }
  const pool =
    (flags & sharedUmem) !== 0
      ? sharedPool(kernel, socket, wish, socketAt, view.getInt32(SOCKADDR_XDP.sharedUmemFd, true))
      : ownPool(kernel, socket, wish)
  if (typeof pool === 'number') return pool
  pool.addUser()
  socket.pool = pool
  socket.device = dev
  socket.queue = wish.queue & 0xffff
  socket.rxQueue = dev.rxQueue(socket.queue)
  socket.multiBuffer = pool.multiBuffer
  if (socket.tx) pool.senders.push(socket)
  socket.state = BOUND
  socket.tellMaps()
  return 0
}

function ownPool(kernel: Core, socket: XskSocket, wish: Wish): Pool | number {
  const { umem, fill, completion } = socket
  if (!umem || !fill || !completion) return -errno.EINVAL
  return assign(kernel, socket, wish, umem)
}

/** A pool for the UMEM of another socket: the same on the same queue, else one more. */
function sharedPool(
  kernel: Core,
  socket: XskSocket,
  wish: Wish,
  socketAt: (fd: number) => XskSocket | number,
  fd: number,
): Pool | number {
  if ((wish.flags & (copy | zerocopy | useNeedWakeup | useSg)) !== 0 || socket.umem) return -errno.EINVAL
  const other = socketAt(fd)
  if (typeof other === 'number') return other
  const { pool } = other
  if (other.state !== BOUND || !pool) return -errno.EBADF
  const hasBoth = socket.fill !== undefined && socket.completion !== undefined
  const hasSome = socket.fill !== undefined || socket.completion !== undefined
  if (other.device === wish.dev && other.queue === wish.queue) return hasSome ? -errno.EINVAL : pool
  if (!hasBoth) return -errno.EINVAL
  const mode = pool.umem.zeroCopy ? zerocopy : copy
  const flags = mode | (pool.usesWakeup ? useNeedWakeup : 0) | (pool.multiBuffer ? useSg : 0)
  return assign(kernel, socket, { ...wish, flags }, pool.umem)
}

/** Makes a pool and gives it to the device. Source: spec 03 §5.2, rows 9 to 21. */
function assign(kernel: Core, socket: XskSocket, wish: Wish, umem: Pool['umem']): Pool | number {
  const { dev, flags } = wish
  const { fill, completion } = socket
  if (!fill || !completion) return -errno.EINVAL
  if ((flags & copy) !== 0 && (flags & zerocopy) !== 0) return -errno.EINVAL
  const queue = wish.queue & 0xffff
  if (isOccupied(dev, queue)) return -errno.EBUSY
  const now = () => kernel.world.now()
  const pool = makePool(kernel.path.packets, { umem, fill, completion, device: dev, queue, now })
  if (typeof pool === 'number') return pool
  pool.multiBuffer = (flags & useSg) !== 0
  pool.usesWakeup = (flags & useNeedWakeup) !== 0
  const claimed = claimSlot(dev, queue, pool)
  if (claimed !== 0) {
    pool.destroy()
    return claimed
  }
  kernel.changes++
  if ((flags & copy) !== 0) return pool
  const refused = connect(kernel, pool)
  if (refused !== 0 && (flags & zerocopy) !== 0) {
    clearSlot(dev, queue, pool)
    pool.destroy()
    return refused
  }
  return pool
}

/** Has the driver receive into the pool; what refuses. Source: spec 03 §5.2, rows 16 to 20. */
function connect(kernel: Core, pool: Pool): number {
  const { device, umem, multiBuffer } = pool
  if ((device.xdpFeatures & ZERO_COPY) !== ZERO_COPY || !device.driver.xsk) return -errno.EOPNOTSUPP
  if (multiBuffer && device.xdpZcMaxSegs === 1) return -errno.EOPNOTSUPP
  const segments = multiBuffer ? device.xdpZcMaxSegs : 1
  const frame = umem.chunkSize - umem.headroom - HEADROOM - (multiBuffer ? TAILROOM : 0)
  if (device.mtu + FRAME_EXTRA > Math.floor(frame / 128) * 128 * segments) return -errno.EINVAL
  if (highestProvided(device) > 0) return -errno.EBUSY
  const refused = device.driver.xsk.setup(kernel, device, pool, pool.queue)
  if (refused !== 0) return refused
  pool.zeroCopy = true
  umem.zeroCopy = true
  return 0
}

/** The last socket of a pool goes, or its device: drivers read it no more, and its slot is free. */
export function disconnect(kernel: Core, pool: Pool): void {
  const { device, queue } = pool
  if (pool.zeroCopy) device.driver.xsk?.setup(kernel, device, undefined, queue)
  pool.disconnected()
  clearSlot(device, queue, pool)
  kernel.changes++
}
