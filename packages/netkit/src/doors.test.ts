import { type EthtoolIoctlDoor, errno, type HardwareDoor, KernelError, type PacketDoor, RT_LINK } from '@netkit/netlink'
import { PlayedKernel, playRoute, routeMessage, seqOf } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { connect } from './connect.ts'
import { RXNFC } from './steering/layout.ts'

const kernelWith = async (doors: ConstructorParameters<typeof PlayedKernel>[1] = {}) => {
  const played = new PlayedKernel(
    playRoute((r) => [routeMessage(RT_LINK.newlink, { ifindex: 3 }, { ifname: 'eth0' }, { seq: seqOf(r.bytes) })]),
    doors,
  )
  return { kernel: await connect(async () => played), played }
}

describe('a kernel without a door', () => {
  test.each([
    ['nic add', (k: Awaited<ReturnType<typeof kernelWith>>['kernel']) => k.nics.add()],
    ['nic list', (k) => k.nics.list()],
    ['capture', (k) => k.capture()],
    ['transmit eth0', (k) => k.transmit('eth0', [])],
    ['rule list eth0', (k) => k.ethtool.rules.list('eth0')],
  ] as [string, (k: Awaited<ReturnType<typeof kernelWith>>['kernel']) => Promise<unknown>][])(
    'refuses %s, and says why',
    async (op, act) => {
      const { kernel } = await kernelWith()
      const error = (await act(kernel).catch((e) => e)) as KernelError
      expect(error).toBeInstanceOf(KernelError)
      expect(error).toMatchObject({ op, code: 'EOPNOTSUPP' })
      expect(error.message).toContain('the played kernel')
    },
  )
})

describe('nics', () => {
  const calls: unknown[] = []
  const door: HardwareDoor = {
    addNic: async (o) => {
      calls.push(o)
      return { id: 1, ifindex: 3, name: 'eth0' }
    },
    removeNic: async (id) => void calls.push(['remove', id]),
    listNics: async () => [],
    connectWire: async (id, wire) => void calls.push([id, wire]),
    play: async (id, o) => {
      calls.push([id, o])
      return { frames: 1, bytes: 2, sentFrames: 0, sentBytes: 0, finished: true }
    },
    progress: async () => ({ frames: 1, bytes: 2, sentFrames: 0, sentBytes: 0, finished: true }),
    setLink: async (id, up) => void calls.push([id, up]),
    restartQueue: async (id, queue) => void calls.push([id, queue]),
    impair: async (id, direction, options) => void calls.push([id, direction, options]),
    impairments: async () => ({}),
    fault: async (fault) => void calls.push(fault),
    faults: async () => [],
    clearFaults: async () => undefined,
    inject: async (_, frames) => frames.length,
  }

  test('are plugged into a namespace that is open only meanwhile', async () => {
    const { kernel, played } = await kernelWith({ hardware: door })
    await kernel.namespaces.create('pod')
    const nic = await kernel.nics.add({ queues: 16, in: 'pod' })
    const [handle] = played.namespaces.opened
    expect(calls).toEqual([{ queues: 16, namespace: handle }])
    expect(handle.closed).toBe(true)
    expect(await kernel.nics.device(nic)).toMatchObject({ ifindex: 3, name: 'eth0' })
    expect(await kernel.nics.inject(1, [new Uint8Array(60)])).toBe(1)
  })

  test.each([
    [{ queues: 0 }, 'queues must be an integer from 1 to 1024, not 0'],
    [{ queues: 1025 }, 'queues must be'],
    [{ name: 'a/b' }, 'name must not contain'],
    [{ address: '02:00' }, 'address must be a hardware address'],
    [{ id: -1 }, 'id must be the number of a NIC, not -1'],
  ])('%j is refused', async (options, why) => {
    const { kernel } = await kernelWith({ hardware: door })
    await expect(kernel.nics.add(options)).rejects.toThrow(`nic add: ${why}`)
    await expect(kernel.nics.play(1, { frames: 0 })).rejects.toThrow(
      'nic play: frames must be a positive integer, not 0',
    )
  })
})

describe('packets', () => {
  test('are captured and transmitted in a namespace', async () => {
    const seen: unknown[] = []
    const packets: PacketDoor = {
      capture: async (o) => {
        seen.push(o)
        return {
          read: async function* () {
            yield new Uint8Array(4)
          },
          close: async () => undefined,
          [Symbol.asyncDispose]: async () => undefined,
        }
      },
      transmit: async (device, frames, namespace) => {
        seen.push([device, frames.length, namespace])
        return frames.length
      },
    }
    const { kernel, played } = await kernelWith({ packets })
    await kernel.namespaces.create('pod')
    await using _capture = await kernel.capture({ devices: ['eth0'], in: 'pod' })
    expect(await kernel.transmit('eth0', [new Uint8Array(60)])).toBe(1)
    expect(seen).toEqual([{ devices: ['eth0'], namespace: played.namespaces.opened[0] }, ['eth0', 1, undefined]])
    await expect(kernel.capture({ snapLength: 0 })).rejects.toThrow(
      'capture: snapLength must be an integer from 1 to 262144, not 0',
    )
    await expect(kernel.transmit('eth0', [new Uint8Array(0)])).rejects.toThrow('transmit eth0: frames[0] must be bytes')
  })
})

describe('steering rules', () => {
  /** A device's table of four rules, as the ioctl shows it. */
  const table = (chooses: boolean): { door: EthtoolIoctlDoor; rules: Map<number, Uint8Array> } => {
    const rules = new Map<number, Uint8Array>()
    const LOCATION = 16 + 160
    const door: EthtoolIoctlDoor = {
      ethtool: async (device, command) => {
        if (device !== 'eth0') throw new KernelError({ op: 'ethtool', errno: errno.ENODEV })
        const answer = command.slice()
        const view = new DataView(answer.buffer)
        const location = view.getUint32(LOCATION, true)
        const number = view.getUint32(0, true)
        if (number === 0x2e) {
          view.setUint32(RXNFC.ruleCount, rules.size, true)
          view.setUint32(RXNFC.data, chooses ? 0x8000_0004 : 4, true)
        } else if (number === 0x30) {
          for (const [i, at] of [...rules.keys()].entries()) view.setUint32(RXNFC.locations + 4 * i, at, true)
          view.setUint32(RXNFC.ruleCount, rules.size, true)
        } else if (number === 0x2f) {
          const rule = rules.get(location)
          if (!rule) throw new KernelError({ op: 'ethtool', errno: errno.ENOENT })
          return rule
        } else if (number === 0x32) {
          const at = location === 0xffff_ffff ? 2 : location
          view.setUint32(LOCATION, at, true)
          rules.set(at, answer)
        } else if (number === 0x31 && !rules.delete(location))
          throw new KernelError({ op: 'ethtool', errno: errno.ENOENT })
        return answer
      },
    }
    return { door, rules }
  }

  test('are added, listed and removed', async () => {
    const { door } = table(false)
    const { kernel } = await kernelWith({ ethtoolIoctl: door })
    const { rules } = kernel.ethtool
    expect(await rules.list('eth0')).toEqual([])
    const web = { flow: 'tcp4', match: { dstPort: 443 }, action: { queue: 15 } } as const
    expect(await rules.add('eth0', web)).toBe(3)
    expect(await rules.add('eth0', { ...web, location: 0 })).toBe(0)
    expect(await rules.add('eth0', { flow: 'udp6', match: { dstIp: '2001:db8::/32' }, action: 'drop' })).toBe(2)
    expect(await rules.list('eth0')).toEqual([
      { ...web, location: 0 },
      { flow: 'udp6', match: { dstIp: '2001:db8::/32' }, action: 'drop', location: 2 },
      { ...web, location: 3 },
    ])
    await rules.remove('eth0', 0)
    await expect(rules.remove('eth0', 0)).rejects.toMatchObject({ op: 'rule remove eth0', code: 'ENOENT' })
    await rules.add('eth0', web)
    await rules.add('eth0', web)
    await expect(rules.add('eth0', web)).rejects.toMatchObject({ code: 'ENOSPC' })
    await expect(rules.add('eth0', { ...web, location: -1 })).rejects.toThrow('location must be an integer from 0')
  })

  test('leave the place to a device that can choose', async () => {
    const { door, rules } = table(true)
    const { kernel } = await kernelWith({ ethtoolIoctl: door })
    expect(await kernel.ethtool.rules.add('eth0', { flow: 'ether', match: {}, action: 'wake' })).toBe(2)
    expect([...rules.keys()]).toEqual([2])
  })
})
