import { ETHTOOL, errno, NETDEV, NLM_F_CREATE, RTM_NEWLINK } from '@netkit/netlink'
import { ack, PlayedKernel, playGeneric } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { connect } from './connect.ts'
import type { FeatureName } from './features.ts'

/** Offset of the first attribute in the netkit data of a probe. */
const DATA_ATTR = 16 + 16 + 4 + 12 + 4

type Answer = (request: Uint8Array, isRoute: boolean) => Uint8Array

const bench = async (answer: Answer) => {
  let asked = 0
  const count = (bytes: Uint8Array, isRoute: boolean) => {
    asked++
    return answer(bytes, isRoute)
  }
  const generic = playGeneric([NETDEV, ETHTOOL], (r) => [count(r.bytes, false)])
  const played: PlayedKernel = new PlayedKernel((bytes, socket) =>
    socket.options.protocol === 0 ? [count(bytes, true)] : generic(bytes, socket),
  )
  return { kernel: await connect(async () => played), asked: () => asked }
}

/** A kernel that knows netkit attributes up to an id; with 0 not even the kind. */
const knowing =
  (maxId: number, queueCreate: keyof typeof errno): Answer =>
  (bytes, isRoute) => {
    if (!isRoute) return ack(bytes, errno[queueCreate])
    const view = new DataView(bytes.buffer)
    expect(view.getUint16(4, true)).toBe(RTM_NEWLINK)
    expect(view.getUint16(6, true) & NLM_F_CREATE).toBe(0)
    const id = view.getUint16(DATA_ATTR + 2, true) & 0x3fff
    return id <= maxId
      ? ack(bytes, errno.ERANGE, { msg: 'Attribute failed policy validation', offset: DATA_ATTR })
      : ack(bytes, errno.ENODEV)
  }

describe('probes', () => {
  test.each([
    ['7.3', 10, 'EINVAL', { netkit: true, headroom: true, single: true, leases: true }],
    ['6.14', 9, 'EOPNOTSUPP', { netkit: true, headroom: true, single: false, leases: false }],
    ['6.7', 7, 'EOPNOTSUPP', { netkit: true, headroom: false, single: false, leases: false }],
    ['6.1', 0, 'EOPNOTSUPP', { netkit: false, headroom: false, single: false, leases: false }],
  ] as const)('of a kernel like %s', async (_, maxId, queueCreate, expected) => {
    const { kernel } = await bench(knowing(maxId, queueCreate))
    expect(await kernel.features.all()).toEqual(expected)
  })

  test('for which privilege is missing: a command that is refused is there, an attribute nobody knows of', async () => {
    const { kernel } = await bench((r) => ack(r, errno.EPERM))
    expect(await kernel.features.has('leases')).toBe(true)
    await expect(kernel.features.has('single')).rejects.toMatchObject({ code: 'EPERM', op: 'probe single' })
  })

  test('remember a clear answer only', async () => {
    let unclear = true
    const { kernel, asked } = await bench((r, isRoute) =>
      unclear ? ack(r, errno.ENOMEM) : knowing(10, 'EINVAL')(r, isRoute),
    )
    await expect(kernel.features.has('netkit')).rejects.toMatchObject({ code: 'ENOMEM' })
    unclear = false
    for (const _ of [1, 2, 3]) expect(await kernel.features.has('netkit')).toBe(true)
    expect(asked()).toBe(2)
  })

  test('do not take a refusal of something else for an answer', async () => {
    const { kernel } = await bench((r) => ack(r, errno.ERANGE, { offset: 32 }))
    for (const name of ['netkit', 'headroom', 'single'] as FeatureName[]) {
      await expect(kernel.features.has(name)).rejects.toMatchObject({ code: 'ERANGE' })
    }
  })
})
