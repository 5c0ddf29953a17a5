import { type BtfType, encodeBtf, kernelFunctionIds, kernelTypes, MAP_TYPE, parsePerfRecord } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { expect, test } from 'vitest'
import { BpfClient, u32 } from '../testing/bpf-client.ts'
import type { SimulatedWorld } from '../world.ts'
import { format } from './run/format.ts'
import { printTraceLine } from './run/trace-log.ts'

/** A call of a function of the kernel. */
const kfunc = (name: string): string => `call kfunc ${kernelFunctionIds().get(name)}`

/** A struct of the kernel in 16 bytes, and a value of 24 bytes that begins with it. */
const valueWith = (name: string): readonly BtfType[] => [
  { kind: 'void' },
  { kind: 'int', name: 'long', size: 8, bits: 64, offset: 0, encoding: 0 },
  { kind: 'struct', name, size: 16, members: [{ name: 'x', type: 1, offset: 0, bits: 0 }] },
  {
    kind: 'struct',
    name: 'value',
    size: 24,
    members: [
      { name: 'special', type: 2, offset: 0, bits: 0 },
      { name: 'count', type: 1, offset: 128, bits: 0 },
    ],
  },
]

async function mapWith(client: BpfClient, name: string, type: number): Promise<number> {
  const btfFd = await client.types(encodeBtf({ types: [...valueWith(name)] }))
  return client.map(type, { valueSize: 24, btfFd, btfValueTypeId: 3, btfKeyTypeId: 0 })
}

test('numbers are read out of texts as Linux reads them', async () => {
  const client = new BpfClient()
  const read = async (text: string, name: string, flags: number): Promise<readonly [number, bigint]> => {
    const bytes = new Uint8Array(16)
    bytes.set(new TextEncoder().encode(text))
    const [low, high] = new BigUint64Array(bytes.buffer)
    const out = await client.map(MAP_TYPE.array)
    await client.load(`
      r1 = 0x${low.toString(16)} ll; *(u64 *)(r10 -16) = r1
      r1 = 0x${high.toString(16)} ll; *(u64 *)(r10 -8) = r1
      r1 = 0; *(u32 *)(r10 -20) = r1
      r1 = map[fd:${out}]; r2 = r10; r2 += -20; call map_lookup_elem
      if r0 == 0 goto out
      r4 = r0; r1 = r10; r1 += -16; r2 = 16; r3 = ${flags}; call ${name}
    out:
      exit
    `)
    return [client.run(), (await client.lookup(out, 0)) as bigint]
  }
  expect(await read(' -12x', 'strtol', 0)).toEqual([4, BigInt.asUintN(64, -12n)])
  expect(await read('0x1f,', 'strtoul', 0)).toEqual([4, 31n])
  expect(await read('017', 'strtoul', 0)).toEqual([3, 15n])
  expect(await read('17', 'strtoul', 10)).toEqual([2, 17n])
  expect(await read('-1', 'strtoul', 10)).toEqual([-errno.EINVAL, 0n])
  expect(await read('abc', 'strtol', 10)).toEqual([-errno.EINVAL, 0n])
  expect(await read('ab', 'strtol', 16)).toEqual([2, 0xabn])
  expect(await read('1', 'strtol', 7)).toEqual([-errno.EINVAL, 0n])
})

test.each([
  ['%d and %u', [-1n, 7n], '-1 and 7'],
  ['%lld %lx %X', [-5n, 0xabcdef0123n, 0xffn], '-5 abcdef0123 FF'],
  ['%5d|%-5d|%05d|%+d|%#x', [42n, 42n, 42n, 42n, 42n], '   42|42   |00042|+42|0x2a'],
  ['%c%% %px', [65n, 0x1234n], 'A% 0000000000001234'],
  ['%d', [], -errno.EINVAL],
  ['%q', [1n], -errno.EINVAL],
  ['%.3d', [1n], -errno.EINVAL],
  ['\x01', [], -errno.EINVAL],
])('%j is printed', (text, args, printed) => {
  const memory = new Uint8Array(8192)
  const bytes = new TextEncoder().encode(`${text}\0`)
  expect(format({ u8: memory, view: new DataView(memory.buffer) }, bytes, args)).toBe(printed)
})

test('addresses and texts are printed out of memory', () => {
  const u8 = new Uint8Array(8192)
  u8.set([10, 0, 0, 1], 5000)
  u8.set([0x20, 1, 0xd, 0xb8], 5100)
  u8.set(new TextEncoder().encode('name'), 5200)
  const print = (text: string, at: bigint) =>
    format({ u8, view: new DataView(u8.buffer) }, new TextEncoder().encode(`${text}\0`), [at])
  expect(print('%pI4', 5000n)).toBe('10.0.0.1')
  expect(print('%pi4', 5000n)).toBe('010.000.000.001')
  expect(print('%pI6', 5100n)).toBe('2001:0db8:0000:0000:0000:0000:0000:0000')
  expect(print('%s!', 5200n)).toBe('name!')
  expect(print('%s', 1n << 40n)).toBe('')
})

test('what programs print is read out of the trace pipe', async () => {
  const client = new BpfClient()
  await client.load(`
    r1 = 0x000000000a642520 ll; *(u64 *)(r10 -8) = r1
    r1 = r10; r1 += -8; r2 = 5; r3 = 42; call trace_printk
    exit
  `)
  expect(client.run()).toBe(4)
  const lines: string[] = []
  const stop = client.kernel.bpf.runtime.trace.read((line) => lines.push(line.text))
  client.run()
  stop()
  expect(lines).toEqual([' 42', ' 42'])
  expect(printTraceLine({ at: 1_000_002_000n, text: 'x' })).toContain('    1.000002: bpf_trace_printk: x')
})

test('iterators give numbers', async () => {
  const client = new BpfClient()
  await client.load(`
    r1 = r10; r1 += -8; r2 = 3; r3 = 7; ${kfunc('bpf_iter_num_new')}
    r6 = 0
  next:
    r1 = r10; r1 += -8; ${kfunc('bpf_iter_num_next')}
    if r0 == 0 goto end
    r1 = *(u32 *)(r0 +0)
    r6 += r1
    goto next
  end:
    r1 = r10; r1 += -8; ${kfunc('bpf_iter_num_destroy')}
    r0 = r6
    exit
  `)
  expect(client.run()).toBe(3 + 4 + 5 + 6)
})

test('dynptrs stand for packets', async () => {
  const client = new BpfClient()
  await client.load(`
    r6 = r1
    r2 = 0; r3 = r10; r3 += -16; ${kfunc('bpf_dynptr_from_skb')}
    r1 = r10; r1 += -16; ${kfunc('bpf_dynptr_size')}
    r7 = r0
    r1 = 9; *(u64 *)(r10 -24) = r1
    r1 = r10; r1 += -16; r2 = 20; r3 = r10; r3 += -24; r4 = 8; r5 = 0; call dynptr_write
    r1 = r10; r1 += -16; r2 = 20; r3 = r10; r3 += -24; r4 = 1; ${kfunc('bpf_dynptr_slice')}
    if r0 == 0 goto out
    r0 = *(u8 *)(r0 +0)
    r0 <<= 8
    r0 += r7
  out:
    exit
  `)
  expect(client.run()).toBe(9 * 256 + 64)
})

// As on Linux 6.18.
test.each([
  [MAP_TYPE.hash, 3],
  [MAP_TYPE.percpuHash, 3],
  [MAP_TYPE.lruHash, 3],
  [MAP_TYPE.lruPercpuHash, 3],
  [MAP_TYPE.array, 0],
])('elements are counted (type %i)', async (type, count) => {
  const client = new BpfClient()
  const fd = await client.map(type, { maxEntries: 64 })
  const add = (key: number) => `
    r1 = ${key}; *(u32 *)(r10 -4) = r1
    *(u64 *)(r10 -16) = r1
    r1 = map[fd:${fd}]; r2 = r10; r2 += -4; r3 = r10; r3 += -16; r4 = 0; call map_update_elem`
  const { result, said } = await client.load(
    `${[0, 1, 2, 2].map(add).join('')}\n r1 = map[fd:${fd}]; ${kfunc('bpf_map_sum_elem_count')}; exit`,
    {},
    4096,
  )
  expect(result, said).toBeGreaterThan(0)
  expect(client.run()).toBe(count)
})

test('programs look into texts on their stacks', async () => {
  const client = new BpfClient()
  const { result, said } = await client.load(`
    r1 = 0x0063626162612e62 ll; *(u64 *)(r10 -8) = r1
    r1 = 0x6362; *(u64 *)(r10 -16) = r1
    r1 = r10; r1 += -8; r2 = r10; r2 += -16; ${kfunc('bpf_strstr')}
    r6 = r0
    r1 = r10; r1 += -8; r2 = 4; r3 = 46; ${kfunc('bpf_strnchr')}
    r6 <<= 8
    r6 += r0
    r1 = 0; ${kfunc('bpf_strlen')}
    if r0 != -${errno.ERANGE} goto out
    r0 = r6
  out:
    exit
  `)
  expect(result, said).toBeGreaterThan(0)
  expect(client.run()).toBe(5 * 256 + 1)
})

test('numbers of string functions are numbers', async () => {
  const client = new BpfClient()
  const { result, said } = await client.load(`r2 = r1; ${kfunc('bpf_strnlen')}; exit`, {}, 4096)
  expect(result).toBe(-errno.EINVAL)
  expect(said).toContain('R2 is not a scalar')
})

test('exceptions end programs with their cookies', async () => {
  const client = new BpfClient()
  await client.load(`r1 = 77; ${kfunc('bpf_throw')}; r0 = 1; exit`)
  expect(client.run()).toBe(77)
})

test.each([MAP_TYPE.array, MAP_TYPE.hash])('timers call back, again and again (type %i)', async (type) => {
  const client = new BpfClient()
  const fd = await mapWith(client, 'bpf_timer', type)
  await client.update(fd, 3, 0, 0, 0, 0, 0, 0)
  const functions = await client.functions(0, 24)
  const { said, result } = await client.load(
    `
    r1 = 3; *(u32 *)(r10 -4) = r1
    r1 = map[fd:${fd}]; r2 = r10; r2 += -4; call map_lookup_elem
    if r0 == 0 goto out
    r6 = r0
    r1 = r6; r2 = map[fd:${fd}]; r3 = 1; call timer_init
    r1 = r6; r2 = &tick; call timer_set_callback
    r1 = r6; r2 = 1000; r3 = 0; call timer_start
  out:
    r0 = 0
    exit
  tick:
    r1 = *(u64 *)(r3 +16)
    r2 = *(u32 *)(r2 +0)
    r1 += r2
    *(u64 *)(r3 +16) = r1
    r1 = r3; r2 = 1000; r3 = 0; call timer_start
    r0 = 0
    exit
  `,
    functions.values,
    4096,
    functions.memory,
  )
  expect(result > 0, said).toBe(true)
  client.run()
  const world = client.kernel.world as SimulatedWorld
  world.advance(2500n)
  const counted = async (): Promise<number> => (await client.value(fd, 3, 24))[16]
  expect(await counted()).toBe(6)
  // What requests write leaves timers alone in arrays, and ends those of elements of hashes.
  await client.update(fd, 3, ...u32(0, 0, 0, 0, 0, 0))
  world.advance(5000n)
  expect((await counted()) > 0).toBe(type === MAP_TYPE.array)
})

test('locks are held between lock and unlock', async () => {
  const client = new BpfClient()
  const fd = await mapWith(client, 'bpf_spin_lock', MAP_TYPE.array)
  const { said, result } = await client.load(
    `
    r1 = 3; *(u32 *)(r10 -4) = r1
    r1 = map[fd:${fd}]; r2 = r10; r2 += -4; call map_lookup_elem
    if r0 == 0 goto out
    r6 = r0; r1 = r6; call spin_lock
    r2 = *(u64 *)(r6 +16); r2 += 1; *(u64 *)(r6 +16) = r2
    r1 = r6; call spin_unlock
  out:
    r0 = 0; exit
  `,
    {},
    4096,
  )
  expect(result > 0, said).toBe(true)
  client.run()
  expect((await client.value(fd, 3, 24))[16]).toBe(1)
})

test('the kernel has a body for each function that the verifier knows', async () => {
  const { AVAILABLE_FUNCTIONS } = await import('./run/runtime.ts')
  const named = [...AVAILABLE_FUNCTIONS].map((id) => (kernelTypes().types[id] as { name: string }).name)
  expect(named.sort()).toEqual([...kernelFunctionIds().keys()].sort())
})

test('perf events carry what programs write and bytes of the packet, and count what does not fit', async () => {
  const client = new BpfClient()
  const map = await client.map(MAP_TYPE.perfEventArray, { valueSize: 4, maxEntries: 2 })
  const output = async (flags: bigint, size = 5): Promise<number> => {
    const { result, said } = await client.load(
      `
      r2 = 0x0807060504030201 ll; *(u64 *)(r10 - 8) = r2
      r2 = map[fd:${map}]; r3 = 0x${flags.toString(16)} ll; r4 = r10; r4 += -8; r5 = ${size}
      call perf_event_output; exit`,
      {},
      65536,
    )
    expect(result, said).toBeGreaterThan(0)
    return client.run(client.packet(Uint8Array.from({ length: 64 }, (_, n) => n)))
  }
  const packetBytes = (n: bigint) => (n << 32n) | 0xffffffffn
  expect(await output(0xffffffffn)).toBe(-errno.ENOENT)
  const buffer = await client.door.perfBuffer({ pages: 1 })
  expect(await client.update(map, 0, buffer.fd)).toBe(0)
  expect(await client.update(map, 1, map)).toBe(-errno.EBADF)
  expect(await client.update(map, 1, 99)).toBe(-errno.EBADF)
  expect(await output(packetBytes(3n))).toBe(0)
  expect(await output(0n, 0)).toBe(0)
  expect(await output(1n)).toBe(-errno.ENOENT)
  expect(await output(2n)).toBe(-errno.E2BIG)
  expect(await output(packetBytes(65n))).toBe(-errno.EFAULT)
  expect(await output(1n << 52n)).toBe(-errno.EINVAL)
  const records = (await buffer.next()).map(parsePerfRecord)
  expect(records).toEqual([
    { data: Uint8Array.of(1, 2, 3, 4, 5, 0, 1, 2, 0, 0, 0, 0) },
    { data: Uint8Array.of(0, 0, 0, 0) },
  ])
  // 12 + 8 bytes, padded to 24: 170 of them fit in a page whose last byte stays free.
  let written = 0
  while ((await output(packetBytes(4n), 8)) === 0) written++
  expect(written).toBe(170)
  expect((await buffer.next()).length).toBe(170)
  expect(await output(packetBytes(4n), 8)).toBe(0)
  expect((await buffer.next()).map(parsePerfRecord)).toEqual([
    { lost: 1 },
    { data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3) },
  ])
  const waiting = buffer.next()
  await output(0n, 8)
  expect(await waiting).toHaveLength(1)
  await buffer.close()
  expect(await buffer.next()).toEqual([])
})
