import { NETDEV, NLM_F_ACK, NLM_F_DUMP, NLM_F_ECHO, NLM_F_REQUEST, NLM_F_ROOT } from '@netkit/netlink'
import { genericMessage } from '@netkit/netlink/testing'
import { describe, expect, it } from 'vitest'
import { CAP_NET_ADMIN, without } from '../access/capability.ts'
import { Bench } from '../testing/bench.ts'
import { generic, genericBytes } from '../testing/generic.ts'

describe('a generic request', () => {
  const bench = new Bench()
  const netdev = bench.kernel.genl.familyId('netdev') ?? 0
  const { commands } = NETDEV
  const make = (command: number, flags: number, reserved = 0, id = netdev) => {
    const bytes = genericMessage(
      id,
      { id: command, attrs: commands.devGet.attrs },
      {},
      { flags: NLM_F_REQUEST | flags },
    )
    new DataView(bytes.buffer).setUint16(18, reserved, true)
    return bytes
  }
  const said = (bytes: Uint8Array) => {
    const { errno, msg } = genericBytes(bench, bytes)
    return [errno, msg]
  }
  const AMBIGUOUS = [22, 'ambiguous or reserved bits set in nlmsg_flags']

  it('needs a family that there is', () => {
    expect(said(make(1, NLM_F_ACK, 0, 4711))).toEqual([2, undefined])
  })

  it('needs both headers', () => {
    const bytes = make(1, NLM_F_ACK).slice(0, 19)
    new DataView(bytes.buffer).setUint32(0, 19, true)
    expect(said(bytes)).toEqual([22, undefined])
  })

  it('needs zeros where nothing is said, before it needs a command that there is', () => {
    expect(said(make(200, NLM_F_ACK, 7))).toEqual([22, 'genlmsghdr.reserved field is not 0'])
    expect(said(make(200, NLM_F_ACK))).toEqual([95, undefined])
  })

  it.each([NLM_F_ROOT, 0x200, NLM_F_ECHO | 0x800, NLM_F_DUMP | 0x400])('does not take flags 0x%x', (flags) => {
    expect(said(make(1, NLM_F_ACK | flags))).toEqual(AMBIGUOUS)
  })

  it('is not so strict with commands of before', () => {
    const ethtool = bench.kernel.genl.familyId('ethtool') ?? 0
    const { errno, missType } = genericBytes(bench, make(17, NLM_F_ACK | NLM_F_ROOT, 7, ethtool))
    expect([errno, missType]).toEqual([22, 1])
    expect(said(make(36, NLM_F_ACK | NLM_F_ROOT, 0, ethtool))).toEqual(AMBIGUOUS)
  })

  it('knows which form a command has', () => {
    expect(said(make(12, NLM_F_ACK))).toEqual([95, undefined])
    expect(said(make(16, NLM_F_DUMP))).toEqual([95, undefined])
    expect(said(make(2, NLM_F_ACK))).toEqual([95, undefined])
  })

  it('takes privilege before it looks at attributes', () => {
    const { kernel } = bench
    const nobody = kernel.createProcess({
      credentials: { ...kernel.root, capabilities: without(kernel.root.capabilities, CAP_NET_ADMIN) },
    })
    const socket = bench.generic(bench.ns, { process: nobody })
    const bad = { ifindex: 1, rest: [{ type: 99, payload: new Uint8Array(0) }] }
    expect(generic(bench, NETDEV, commands.queueCreate, bad, { socket }).errno).toBe(1)
    expect(generic(bench, NETDEV, commands.napiSet, {}, { socket }).errno).toBe(1)
    expect(generic(bench, NETDEV, commands.bindTx, {}, { socket }).missType).toBe(1)
  })

  it('of the root of a user namespace is of an administrator there, not of the machine', () => {
    const { kernel } = bench
    const userNs = { parent: kernel.initialUserNs, ownerUid: 1000 }
    const ns = kernel.createNamespace(userNs)
    const process = kernel.createProcess({ credentials: { ...kernel.root, userNs }, ns })
    const socket = bench.generic(ns, { process })
    expect(generic(bench, NETDEV, commands.bindRx, {}, { socket })).toMatchObject({ errno: 22, missType: 1 })
    expect(generic(bench, NETDEV, commands.queueCreate, {}, { socket }).errno).toBe(1)
  })

  it('may be one of several in a datagram', () => {
    const one = make(1, NLM_F_ACK)
    const both = new Uint8Array(40)
    both.set(one)
    both.set(one, 20)
    const socket = bench.generic()
    socket.send(both)
    const acks = [socket.receive(), socket.receive()].map((r) => r && new DataView(r.bytes.buffer).getInt32(16, true))
    expect(acks).toEqual([-22, -22])
    expect(socket.receive()).toBeUndefined()
  })
})
