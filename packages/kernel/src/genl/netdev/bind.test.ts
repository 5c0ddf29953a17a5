import { errno, NETDEV, NETLINK_GENERIC } from '@netkit/netlink'
import { beforeEach, describe, expect, it } from 'vitest'
import { nicState } from '../../drivers/nic/state.ts'
import { DmaBuf } from '../../net/dma-buf.ts'
import { lease } from '../../net/lease.ts'
import { unregisterDevices } from '../../net/register.ts'
import type { NetlinkSocket } from '../../netlink/socket.ts'
import * as F from '../../packet/fields.ts'
import { generic, lessee, setUp } from '../../testing/generic.ts'
import { ProviderLab, tcpFrame } from '../../testing/provider-lab.ts'

const { bindRx, bindTx, pagePoolGet, queueGet } = NETDEV.commands
const PAGE = 4096

describe('a dma-buf', () => {
  let lab: ProviderLab
  let socket: NetlinkSocket
  let fd: number
  beforeEach(() => {
    lab = new ProviderLab()
    socket = lab.kernel.openSocket({ protocol: NETLINK_GENERIC, ns: lab.ns, process: lab.root, extAck: true })
    fd = dmabuf(128 * PAGE)
  })

  function dmabuf(bytes: number, skip = 0): number {
    const application = lab.kernel.applicationMemory
    const region = application.map(bytes + skip)
    if (!region || !application.pin(region.offset, bytes + skip)) throw new Error('no memory')
    return lab.root.openDmaBuf(new DmaBuf(application, region, region.offset + skip, bytes))
  }

  const bind = (more: object = {}, dev = lab.nic) =>
    generic(lab, NETDEV, bindRx, { ifindex: dev.ifindex, fd, queues: [{ id: 1, type: 'rx' }], ...more }, { socket })
  const queueOf = (dev = lab.nic) =>
    generic(lab, NETDEV, queueGet, { ifindex: dev.ifindex, id: 1, type: 'rx' }).replies[0]

  it('is what a queue receives into until the socket goes that bound it', () => {
    expect(bind().replies).toEqual([{ id: 1 }])
    expect(queueOf().dmabuf).toBe(1)
    const pools = () => generic(lab, NETDEV, pagePoolGet, {}, { dump: true }).replies
    expect(pools().filter((pool) => pool.dmabuf === 1).length).toBe(1)
    const [handle] = lab.receive(tcpFrame(500))
    expect(lab.packets.fields[(handle << F.PKT_SHIFT) + F.PKT_STATE] & F.FLAG_UNREADABLE).not.toBe(0)
    socket.close()
    expect(queueOf().dmabuf).toBeUndefined()
    // A buf is still with the packet: its pool stays, detached.
    expect(pools().find((pool) => pool.dmabuf === 1)).toMatchObject({ inflight: 1, detachTime: 0 })
    lab.packets.free(handle)
    lab.pass(2)
    expect(pools().some((pool) => pool.dmabuf === 1)).toBe(false)
    expect(lab.packets.bufs.areas).toBe(1)
  })

  it('is bound through a lease, to the virtual queue, and lets go with it', () => {
    const nk = lessee(lab)
    nk.realRxQueues = 2
    const [virtual, physical] = [nk.rxQueue(1), lab.nic.rxQueue(1)]
    if (!virtual || !physical) throw new Error('no queues')
    lease(virtual, physical)
    expect(bind().msg).toBe("Device doesn't support DMA")
    expect(bind({ queues: [{ id: 0, type: 'rx' }] }, nk).msg).toBe("Device doesn't support DMA")
    expect(
      bind(
        {
          queues: [
            { id: 0, type: 'rx' },
            { id: 1, type: 'rx' },
          ],
        },
        nk,
      ),
    ).toMatchObject({
      errno: errno.EINVAL,
      msg: 'tcp-data-split is disabled',
    })
    expect(bind({}, nk).errno).toBe(0)
    setUp(lab, nk, true)
    expect([queueOf(nk).dmabuf, queueOf().dmabuf]).toEqual([2, 2])
    unregisterDevices(lab.kernel, [nk])
    expect(queueOf().dmabuf).toBeUndefined()
    expect(lab.receive(tcpFrame(5)).length).toBe(1)
    socket.close()
    expect(lab.packets.bufs.areas).toBe(1)
  })

  it.each([
    [{ fd: 99 }, errno.EBADF, undefined],
    [{ fd: 0 }, errno.EINVAL, undefined],
    [{ queues: [{ id: 7, type: 'rx' }] }, errno.EINVAL, undefined],
    [{ queues: [{ id: 1, type: 'tx' }] }, errno.EINVAL, undefined],
    [{ rxPageSize: 12288 }, errno.EINVAL, 'rx-page-size must be a power of 2'],
    [{ rxPageSize: 2048 }, errno.ERANGE, 'integer out of range'],
  ])('is refused: %j', (more, code, text) => {
    const said = bind(more)
    expect([said.errno, said.msg]).toEqual([code, text])
    expect(lab.packets.bufs.areas).toBe(1)
  })

  // What is said is cut off after 79 bytes, as all that is put together.
  it('has to be aligned to the bufs', () => {
    fd = dmabuf(2 * PAGE, 64)
    expect(bind().msg).toMatch(/^dmabuf sg entry \(addr=0x[0-9a-f]{13}040, len=8192\) not aligned to niov size 40$/)
  })

  it('leaves the queues that were opened when one is refused', () => {
    nicState(lab.nic).rings = { ...nicState(lab.nic).rings }
    expect(lab.open(1)).toBeUndefined()
    expect(
      bind({
        queues: [
          { id: 0, type: 'rx' },
          { id: 1, type: 'rx' },
        ],
      }),
    ).toMatchObject({
      errno: errno.EEXIST,
      msg: 'designated queue already memory provider bound',
    })
    expect(lab.nic.rxQueue(0)?.memoryProvider).toBeUndefined()
    expect(lab.packets.bufs.areas).toBe(1)
  })

  it('is sent from by the NIC behind a lease', () => {
    const send = (ifindex: number, more: object = {}) =>
      generic(lab, NETDEV, bindTx, { ifindex, fd, ...more }, { socket })
    const nk = lessee(lab)
    expect(send(nk.ifindex).msg).toBe('No DMA-capable device found for netmem TX')
    expect(send(1).msg).toBe('Driver does not support netmem TX')
    nk.realRxQueues = 2
    const [virtual, physical] = [nk.rxQueue(1), lab.nic.rxQueue(1)]
    if (virtual && physical) lease(virtual, physical)
    const [{ id }] = send(nk.ifindex).replies
    expect(lab.kernel.devmem.get(id as number)?.onlyFor).toBe(lab.nic)
    expect(send(lab.nic.ifindex, { fd: dmabuf(100) }).msg).toBe('TX dma-buf size must be a multiple of PAGE_SIZE')
  })
})
