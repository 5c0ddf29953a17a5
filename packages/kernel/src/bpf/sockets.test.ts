import { MAP_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { expect, test } from 'vitest'
import { PKT_SHIFT, PKT_SOCKET } from '../packet/fields.ts'
import { BpfClient } from '../testing/bpf-client.ts'

/** A tuple of IPv4 on the stack at -12: from 10.0.0.9:1000 to 127.0.0.1. */
const tuple = (port: number): string => `
  r1 = 0x0900000a; *(u32 *)(r10 - 12) = r1
  r1 = 0x0100007f; *(u32 *)(r10 - 8) = r1
  r1 = ${((port & 0xff) << 24) | ((port >> 8) << 16) | 0xe803}; *(u32 *)(r10 - 4) = r1`

/** Looks a socket up and returns `what` of it; -1 if there is none. */
const look = (protocol: string, port: number, what: string, { netns = '-1', flags = 0, size = 12 } = {}): string => `
  r6 = r1; ${tuple(port)}
  r1 = r6; r2 = r10; r2 += -12; r3 = ${size}; r4 = ${netns}; r5 = ${flags}; call sk_lookup_${protocol}
  if r0 != 0 goto found
  r0 = -1; exit
found:
  r6 = r0; ${what}
  r1 = r6; call sk_release
  r0 = r7; exit`

async function lab() {
  const client = new BpfClient()
  const { stack, initialNs } = client.kernel
  const udp = stack.sockets.open(initialNs, false, false, 1000)
  stack.sockets.udp.bind(udp, 53)
  udp.mark = 9
  const tcp = stack.tcp.context.make(initialNs, true, 1001)
  tcp.state = 10
  stack.tcp.context.table.bind(tcp, 80)
  const ask = async (source: string): Promise<number> => {
    const { result, said } = await client.load(source, {}, 65536)
    expect(result, said).toBeGreaterThan(0)
    return client.run()
  }
  return { client, udp, tcp, ask }
}

const field = (at: number): string => `r7 = *(u32 *)(r6 + ${at})`

test('sockets of UDP and TCP are found, and tell of themselves', async () => {
  const { ask } = await lab()
  expect(await ask(look('udp', 53, field(4)))).toBe(2)
  expect(await ask(look('udp', 53, field(8)))).toBe(2)
  expect(await ask(look('udp', 53, field(12)))).toBe(17)
  expect(await ask(look('udp', 53, field(16)))).toBe(9)
  expect(await ask(look('udp', 53, field(44)))).toBe(53)
  expect(await ask(look('udp', 53, field(72)))).toBe(7)
  expect(await ask(look('udp', 53, field(76)))).toBe(-1)
  expect(await ask(look('tcp', 80, field(4)))).toBe(10)
  expect(await ask(look('tcp', 80, field(72)))).toBe(10)
  expect(await ask(look('tcp', 53, field(4)))).toBe(-1)
  expect(await ask(look('udp', 54, field(4)))).toBe(-1)
  expect(await ask(look('udp', 53, field(4), { netns: '7' }))).toBe(-1)
  expect(await ask(look('udp', 53, field(4), { flags: 1 }))).toBe(-1)
  expect(await ask(look('udp', 53, field(4), { size: 8 }))).toBe(-1)
})

test('a listening socket is told from others, and nothing is left of what was looked up', async () => {
  const { client, ask } = await lab()
  const listens = 'r1 = r6; call get_listener_sock; r7 = 0; if r0 == 0 goto +1; r7 = *(u32 *)(r0 + 44)'
  const full = 'r1 = r6; call sk_fullsock; r7 = 0; if r0 == 0 goto +1; r7 = *(u32 *)(r0 + 44)'
  expect(await ask(look('tcp', 80, listens))).toBe(80)
  expect(await ask(look('udp', 53, listens))).toBe(0)
  expect(await ask(look('udp', 53, full))).toBe(53)
  for (let n = 0; n < 200; n++) client.run()
  expect(client.run()).toBe(53)
})

test('a socket of TCP tells of its connection, and can be released by that', async () => {
  const { ask, tcp } = await lab()
  tcp.rcvNxt = 4711
  tcp.counters.bytesReceived = 2 ** 33
  const stream = (what: string) => `r1 = r6; call tcp_sock; r7 = 0; if r0 == 0 goto +1; ${what}`
  expect(await ask(look('tcp', 80, stream('r7 = *(u32 *)(r0 + 16)')))).toBe(4711)
  expect(await ask(look('tcp', 80, stream('r7 = *(u64 *)(r0 + 80); r7 >>= 32')))).toBe(2)
  expect(await ask(look('udp', 53, stream('r7 = 1')))).toBe(0)
  const other = look('tcp', 80, 'r1 = r6; call tcp_sock; if r0 == 0 goto +1; r6 = r0; r7 = 5')
  expect(await ask(other)).toBe(5)
})

test('a socket that is not released, or used afterwards, is refused', async () => {
  const { client } = await lab()
  const said = async (source: string) => (await client.load(source, {}, 65536)).said
  const kept = look('udp', 53, field(4)).replace('r1 = r6; call sk_release', '')
  expect(await said(kept)).toContain('Unreleased reference')
  const after = look('udp', 53, 'r7 = 0').replace('r0 = r7; exit', 'r0 = *(u32 *)(r6 + 4); exit')
  expect(await said(after)).toContain("R6 invalid mem access 'scalar'")
  const copy = 'r1 = r6; call sk_fullsock; r8 = r0; r7 = 0'
  const ofCopy = look('udp', 53, copy).replace(
    'r0 = r7; exit',
    'if r8 == 0 goto +1; r0 = *(u32 *)(r8 + 44); r0 = 0; exit',
  )
  expect(await said(ofCopy)).toContain("R8 invalid mem access 'scalar'")
})

test('the sender of a packet is known by its socket', async () => {
  const { client, udp } = await lab()
  const of = async (source: string, sent = true): Promise<number> => {
    const { result, said } = await client.load(source, {}, 65536)
    expect(result, said).toBeGreaterThan(0)
    const handle = client.packet()
    client.kernel.path.packets.fields[(handle << PKT_SHIFT) + PKT_SOCKET] = sent ? udp.number : 0
    return client.run(handle)
  }
  expect(await of('call get_socket_cookie; exit')).toBe(udp.number)
  expect(await of('call get_socket_cookie; exit', false)).toBe(0)
  expect(await of('call get_socket_uid; exit')).toBe(1000)
  expect(await of('call get_socket_uid; exit', false)).toBe(65534)
  expect(await of('call get_netns_cookie; exit')).toBe(1)
  expect(await of('call skb_cgroup_id; exit')).toBe(1)
  expect(await of('call skb_cgroup_id; exit', false)).toBe(0)
  const port =
    'r1 = *(u64 *)(r1 + 168); r0 = 0; if r1 == 0 goto +3; call sk_fullsock; if r0 == 0 goto +1; r0 = *(u32 *)(r0 + 44); exit'
  expect(await of(port)).toBe(53)
  expect(await of(port, false)).toBe(0)
})

test('there is no cgroup but the root', async () => {
  const { client, ask } = await lab()
  const map = await client.map(MAP_TYPE.cgroupArray, { valueSize: 4, maxEntries: 2 })
  expect(await client.update(map, 0, 1)).toBe(-errno.EBADF)
  expect(await ask('call get_current_cgroup_id; exit')).toBe(1)
  expect(await ask('r1 = 1; call get_current_ancestor_cgroup_id; exit')).toBe(0)
  const current = (index: number) => `r1 = map[fd:${map}]; r2 = ${index}; call current_task_under_cgroup; exit`
  expect(await ask(current(0))).toBe(-errno.EAGAIN)
  expect(await ask(current(2))).toBe(-errno.E2BIG)
  expect(await ask(`r2 = map[fd:${map}]; r3 = 0; call skb_under_cgroup; exit`)).toBe(-errno.ENOENT)
})
