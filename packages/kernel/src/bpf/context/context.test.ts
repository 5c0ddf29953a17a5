import { describe, expect, test } from 'vitest'
import { HOOK } from '../../net/device-programs.ts'
import {
  FLAG_AT_INGRESS,
  META_SHIFT,
  PKT_DATA,
  PKT_LENGTH,
  PKT_MARK,
  PKT_QUEUE,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TC_INDEX,
  PKT_TSTAMP_HI,
  PKT_TSTAMP_LO,
  PKT_VLAN,
  TSTAMP_TAI,
} from '../../packet/fields.ts'
import { BpfClient } from '../../testing/bpf-client.ts'

/** A program that returns a field, and a packet of 64 bytes with some of everything. */
async function seen(
  load: string,
  prepare: (fields: Int32Array, i: number) => void = () => undefined,
  hook = HOOK.test,
) {
  const client = new BpfClient()
  expect((await client.load(`r0 = ${load}\nexit`)).result).toBeGreaterThan(0)
  const frame = new Uint8Array(64)
  frame.set([0x86, 0xdd], 12)
  const handle = client.packet(frame)
  prepare(client.kernel.path.packets.fields, handle << PKT_SHIFT)
  return client.run(handle, hook as typeof HOOK.test)
}

describe('__sk_buff', () => {
  test.each([
    ['len', '*(u32 *)(r1 + 0)', 64],
    ['protocol in network order', '*(u32 *)(r1 + 16)', 0xdd86],
    ['a byte of the protocol', '*(u8 *)(r1 + 17)', 0xdd],
    ['ifindex', '*(u32 *)(r1 + 40)', 1],
    ['mark', '*(u32 *)(r1 + 8)', 0x123],
    ['queue_mapping', '*(u32 *)(r1 + 12)', 4],
    ['vlan_present', '*(u32 *)(r1 + 20)', 1],
    ['vlan_tci', '*(u32 *)(r1 + 24)', 0x2064],
    ['vlan_proto', '*(u32 *)(r1 + 28)', 0xa888],
    ['tstamp_type', '*(u8 *)(r1 + 180)', 2],
    ['half of the timestamp', '*(u64 *)(r1 + 152)', 77],
    ['wire_len', '*(u32 *)(r1 + 160)', 64],
    ['cb', '*(u32 *)(r1 + 52)', 0],
  ])('%s', async (_, load, value) => {
    const result = await seen(load, (fields, i) => {
      fields[i + PKT_MARK] = 0x123
      fields[i + PKT_QUEUE] = 4
      fields[i + PKT_VLAN] = (0x88a8 << 16) | 0x2064
      fields[i + PKT_STATE] |= TSTAMP_TAI
      fields[i + PKT_TSTAMP_LO] = 77
    })
    expect(result).toBe(value)
  })

  test('writes go back to the packet, and along a list', async () => {
    const client = new BpfClient()
    await client.load(`
      r2 = 0x10007
      *(u32 *)(r1 + 8) = r2
      *(u32 *)(r1 + 44) = r2
      *(u32 *)(r1 + 12) = r2
      *(u32 *)(r1 + 56) = r2
      r0 = -1
      exit`)
    await client.load('r0 = *(u32 *)(r1 + 56)\nr2 = *(u32 *)(r1 + 44)\nr0 += r2\nexit')
    const handle = client.packet()
    expect(client.run(handle, HOOK.test, 2)).toBe(0x10007 + 7)
    const { fields } = client.kernel.path.packets
    const word = (field: number): number => fields[(handle << PKT_SHIFT) + field]
    expect([word(PKT_MARK), word(PKT_TC_INDEX), word(PKT_QUEUE)]).toEqual([0x10007, 7, 0])
    // What one packet left in cb, the next one does not find.
    expect(client.run(client.packet())).toBe(0)
  })

  test('metadata lies before the packet', async () => {
    const source = 'r2 = *(u32 *)(r1 + 140)\nr0 = *(u32 *)(r1 + 76)\nr0 -= r2\nexit'
    const client = new BpfClient()
    await client.load(source)
    const handle = client.packet()
    client.kernel.path.packets.fields[(handle << PKT_SHIFT) + PKT_STATE] |= 12 << META_SHIFT
    expect(client.run(handle)).toBe(12)
  })

  test('at tc ingress the link-layer header is there, and away again', async () => {
    const client = new BpfClient()
    await client.load('r0 = *(u32 *)(r1 + 0)\nexit')
    const handle = client.packet()
    const { fields } = client.kernel.path.packets
    const i = handle << PKT_SHIFT
    fields[i + PKT_DATA] += 14
    fields[i + PKT_LENGTH] -= 14
    expect(client.run(handle, HOOK.tcxIngress)).toBe(64)
    expect(fields[i + PKT_LENGTH]).toBe(50)
  })

  test.each([
    ['hidden where nobody asks for its clock', '*(u64 *)(r1 + 152)', 0],
    ['shown to who does', '*(u64 *)(r1 + 152)\nr2 = *(u8 *)(r1 + 180)', 5],
  ])('a delivery time at ingress is %s', async (_, load, value) => {
    const result = await seen(load, (fields, i) => {
      fields[i + PKT_STATE] |= TSTAMP_TAI | FLAG_AT_INGRESS
      fields[i + PKT_TSTAMP_LO] = 5
      fields[i + PKT_TSTAMP_HI] = 0
    })
    expect(result).toBe(value)
  })

  test('a shared packet is copied before a program writes to it', async () => {
    const client = new BpfClient()
    await client.load(`
      r2 = *(u32 *)(r1 + 76)
      r3 = *(u32 *)(r1 + 80)
      r4 = r2
      r4 += 14
      if r4 > r3 goto out
      *(u8 *)(r2 + 0) = 9
    out:
      r0 = 0
      exit`)
    const { packets } = client.kernel.path
    const handle = client.packet()
    const clone = packets.clone(handle)
    expect(client.run(handle)).toBe(0)
    const first = (h: number): number => packets.memory.u8[packets.fields[(h << PKT_SHIFT) + PKT_DATA]]
    expect([first(handle), first(clone)]).toEqual([9, 0])
  })

  test('who makes tail calls shows what later programs ask for', async () => {
    const client = new BpfClient()
    const array = await client.map(3, { keySize: 4, valueSize: 4, maxEntries: 1 })
    const caller = await client.load(`
      r2 = map[fd:${array}]
      r3 = 0
      call tail_call
      r0 = 99
      exit`)
    expect(caller.result).toBeGreaterThan(0)
    const program = [...client.kernel.bpf.programs.values()][0]
    const target = await client.load('r0 = *(u32 *)(r1 + 8)\nexit')
    expect(await client.update(array, 0, target.result)).toBe(0)
    const handle = client.packet()
    client.kernel.path.packets.fields[(handle << PKT_SHIFT) + PKT_MARK] = 1234
    const dev = client.kernel.initialNs.devices.get(1)!
    expect(client.kernel.path.programs.run([{ program, link: undefined }], dev, handle, HOOK.test)).toBe(1234)
  })
})
