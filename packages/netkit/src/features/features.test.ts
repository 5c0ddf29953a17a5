import {
  ETHTOOL,
  errno,
  type LinkAttrs,
  NETDEV,
  NLM_F_CREATE,
  RT_LINK,
  RTM_GETLINK,
  RTM_NEWLINK,
} from '@netkit/netlink'
import { ack, datagram, done, PlayedKernel, playGeneric, routeMessage, seqOf } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { connect } from '../connect.ts'
import type { FeatureName } from './probes.ts'

/** Offset of the first attribute in the netkit data of a probe. */
const DATA_ATTR = 16 + 16 + 4 + 12 + 4

type Answer = (request: Uint8Array, isRoute: boolean) => Uint8Array

const bench = async (answer: Answer, families: Parameters<typeof playGeneric>[0] = [NETDEV, ETHTOOL]) => {
  let asked = 0
  const count = (bytes: Uint8Array, isRoute: boolean) => {
    asked++
    return answer(bytes, isRoute)
  }
  const generic = playGeneric(families, (r) => [count(r.bytes, false)])
  const played: PlayedKernel = new PlayedKernel((bytes, socket) =>
    socket.options.protocol === 0 ? [count(bytes, true)] : generic(bytes, socket),
  )
  return { kernel: await connect(async () => played), asked: () => asked }
}

const typeOf = (bytes: Uint8Array) => new DataView(bytes.buffer).getUint16(4, true)

/** The end of a list of links with these attributes. */
const list = (request: Uint8Array, links: readonly LinkAttrs[]) =>
  datagram(...links.map((attrs) => routeMessage(RT_LINK.newlink, {}, attrs, { seq: seqOf(request) })), done(request))

/** A kernel that knows netkit attributes up to an id; with 0 not even the kind, so that a list of the kind is of all. */
const knowing =
  (maxId: number, queueCreate: keyof typeof errno): Answer =>
  (bytes, isRoute) => {
    if (!isRoute) return ack(bytes, errno[queueCreate])
    if (typeOf(bytes) === RTM_GETLINK) return list(bytes, maxId === 0 ? [{ ifname: 'lo' }] : [])
    const view = new DataView(bytes.buffer)
    expect(view.getUint16(4, true)).toBe(RTM_NEWLINK)
    expect(view.getUint16(6, true) & NLM_F_CREATE).toBe(0)
    const id = view.getUint16(DATA_ATTR + 2, true) & 0x3fff
    return id <= maxId
      ? ack(bytes, errno.ERANGE, { msg: 'Attribute failed policy validation', offset: DATA_ATTR })
      : ack(bytes, errno.ENODEV)
  }

const since = (...names: FeatureName[]) => ({
  ...{ netkit: false, scrub: false, headroom: false, single: false, leases: false, netdev: true, ethtool: true },
  ...Object.fromEntries(names.map((name) => [name, true])),
})

describe('probes', () => {
  test.each([
    ['7.3', 10, 'EINVAL', since('netkit', 'scrub', 'headroom', 'single', 'leases')],
    ['6.14', 9, 'EOPNOTSUPP', since('netkit', 'scrub', 'headroom')],
    ['6.12', 7, 'EOPNOTSUPP', since('netkit', 'scrub')],
    ['6.7', 5, 'EOPNOTSUPP', since('netkit')],
    ['6.1', 0, 'EOPNOTSUPP', since()],
  ] as const)('of a kernel like %s', async (_, maxId, queueCreate, expected) => {
    const { kernel } = await bench(knowing(maxId, queueCreate))
    expect(await kernel.features.all()).toEqual(expected)
  })

  test('of a kernel without the families', async () => {
    const { kernel } = await bench(knowing(0, 'EINVAL'), [])
    expect(await kernel.features.all()).toEqual({ ...since(), netdev: false, ethtool: false })
  })

  /** A kernel that lets nobody change anything, with these netkit devices. */
  const closed =
    (links: readonly LinkAttrs[]): Answer =>
    (bytes, isRoute) =>
      isRoute && typeOf(bytes) === RTM_GETLINK ? list(bytes, links) : ack(bytes, errno.EPERM)

  test('for which privilege is missing: a command that is refused is there, an attribute nobody knows of', async () => {
    const { kernel } = await bench(closed([]))
    expect(await kernel.features.has('leases')).toBe(true)
    expect(await kernel.features.has('netkit')).toBe(true)
    await expect(kernel.features.has('single')).rejects.toMatchObject({ code: 'EPERM', op: 'probe single' })
    const { netkit, single } = await kernel.features.report()
    expect(netkit).toEqual({ answer: 'yes' })
    expect(single).toMatchObject({ answer: 'unknown', why: { code: 'EPERM' } })
  })

  test('without privilege see that there is no such kind', async () => {
    const { kernel } = await bench(closed([{ ifname: 'lo' }]))
    expect(await kernel.features.all()).toMatchObject({ netkit: false, headroom: false, single: false })
  })

  test('without privilege see what devices show', async () => {
    const { kernel } = await bench(closed([{ ifname: 'nk0', linkinfo: { kind: 'netkit', data: { headroom: 0 } } }]))
    expect(await kernel.features.has('headroom')).toBe(true)
    await expect(kernel.features.has('single')).rejects.toMatchObject({ code: 'EPERM' })
  })

  test('remember a clear answer only', async () => {
    let unclear = true
    const { kernel, asked } = await bench((r, isRoute) =>
      unclear ? ack(r, errno.ENOMEM) : knowing(10, 'EINVAL')(r, isRoute),
    )
    await expect(kernel.features.has('single')).rejects.toMatchObject({ code: 'ENOMEM' })
    unclear = false
    for (const _ of [1, 2, 3]) expect(await kernel.features.has('single')).toBe(true)
    expect(asked()).toBe(2)
  })

  test('do not take a refusal of something else for an answer', async () => {
    const { kernel } = await bench((r) => ack(r, errno.ERANGE, { offset: 32 }))
    for (const name of ['scrub', 'headroom', 'single'] as FeatureName[]) {
      await expect(kernel.features.has(name)).rejects.toMatchObject({ code: 'ERANGE' })
    }
  })
})
