import { assemble, encode } from '@netkit/bpf'
import { embedded } from '@netkit/kernel'
import { linux } from '@netkit/linux'
import { KernelError, type KernelProvider } from '@netkit/netlink'
import { type BpfMap, connect, type Kernel, type XskOptions, type XskSocket } from 'netkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const isRoot = process.platform === 'linux' && process.getuid?.() === 0

/** The same calls on both kernels; the machine's own must be driven as root. */
const KERNELS: readonly { readonly name: string; readonly open: () => KernelProvider; readonly skip: boolean }[] = [
  { name: 'embedded', open: embedded, skip: false },
  { name: `linux${isRoot ? '' : ' (skipped: not root)'}`, open: linux, skip: !isRoot },
]

describe.each(KERNELS.filter(({ skip }) => !skip))('AF_XDP sockets in a map on $name', ({ open }) => {
  let kernel: Kernel
  let place: string
  let map: BpfMap
  let first: XskSocket
  let second: XskSocket
  const sockets: XskSocket[] = []

  const socketOn = async (device: string, more: Partial<XskOptions> = {}): Promise<XskSocket> => {
    const sizes = { rx: 16, tx: 16, fill: 16, completion: 16, chunks: 32 }
    const socket = await kernel.xsk.open({ device, in: place, mode: 'copy', ...sizes, ...more })
    sockets.push(socket)
    return socket
  }

  beforeEach(async () => {
    kernel = await connect(open())
    place = `netkit-xskmap-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
    await kernel.namespaces.create(place)
    const data = { peer: { ifname: 'v1' } }
    await kernel.devices.addRaw({ ifname: 'v0', linkinfo: { kind: 'veth', data } }, { in: place })
    for (const dev of ['v0', 'v1']) await kernel.devices.set(dev, { up: true }, { in: place })
    map = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 2 })
    first = await socketOn('v0')
    second = await socketOn('v1')
  })

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close()
    await kernel.namespaces.remove(place)
    await kernel.close()
  })

  /** `ok` or the name of the error. */
  async function outcome(call: Promise<unknown>): Promise<string> {
    try {
      await call
      return 'ok'
    } catch (error) {
      if (error instanceof KernelError) return error.code
      throw error
    }
  }

  test('are put there under conditions', async () => {
    expect(await outcome(map.update(0, first.fd, 'existing'))).toBe('ENOENT')
    expect(await outcome(map.update(0, first.fd, 'new'))).toBe('ok')
    expect(await outcome(map.update(0, second.fd, 'new'))).toBe('EEXIST')
    expect(await outcome(map.update(0, second.fd, 'existing'))).toBe('ok')
    expect(await outcome(map.update(1, second.fd, 'new'))).toBe('ok')
    expect(await outcome(map.update(2, second.fd))).toBe('E2BIG')
    expect(await outcome(map.update(2, second.fd, 'existing'))).toBe('E2BIG')
  })

  test('tell programs their queue', async () => {
    const source = `
      r6 = 0; *(u32 *)(r10 - 4) = r6
      r1 = map[fd:${map.fd}]; r2 = r10; r2 += -4; call map_lookup_elem
      if r0 == 0 goto missing
      r0 = *(u32 *)(r0 + 0); r0 += 100; exit
    missing:
      r0 = 7; exit`
    await using program = await kernel.bpf.loadProgram(encode(assemble(source)), { type: 'xdp' })
    const look = async () => (await program.testRun({ data: new Uint8Array(64) })).retval
    expect(await look()).toBe(7)
    await map.update(0, first.fd)
    expect(await look()).toBe(100)
  })

  test('may be put there again', async () => {
    expect(await outcome(map.update(0, first.fd))).toBe('ok')
    expect(await outcome(map.update(0, first.fd))).toBe('ok')
    expect(await outcome(map.update(0, first.fd, 'existing'))).toBe('ok')
    expect(await outcome(map.update(0, first.fd, 'new'))).toBe('ok')
  })

  test('are descriptors of sockets that receive', async () => {
    // Linux 6.18 takes any AF_XDP socket.
    const needsRing = Number.parseInt(kernel.release, 10) >= 7
    const sender = await socketOn('v0', { share: first, rx: 0 })
    expect(await outcome(map.update(0, 9999))).toBe('EBADF')
    expect(await outcome(map.update(0, map.fd))).toBe('ENOTSOCK')
    expect(await outcome(map.update(0, sender.fd))).toBe(needsRing ? 'ENOBUFS' : 'ok')
    // The descriptor is looked at before the condition, the key before both.
    expect(await outcome(map.update(1, 9999, 'existing'))).toBe('EBADF')
    expect(await outcome(map.update(2, 9999))).toBe('E2BIG')
  })

  test('cannot be looked up, and are deleted', async () => {
    await map.update(0, first.fd)
    expect(await outcome(map.lookup(0))).toBe('EOPNOTSUPP')
    expect(await outcome(map.delete(0))).toBe('ok')
    expect(await outcome(map.update(0, first.fd, 'existing'))).toBe('ENOENT')
    expect(await outcome(map.delete(0))).toBe('ok')
    expect(await outcome(map.delete(2))).toBe('EINVAL')
  })

  test('leave it when they are closed', async () => {
    await map.update(0, first.fd)
    await map.update(1, first.fd)
    first.close()
    expect(await outcome(map.update(0, second.fd, 'existing'))).toBe('ENOENT')
    expect(await outcome(map.update(1, second.fd, 'new'))).toBe('ok')
  })
})
