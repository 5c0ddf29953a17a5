import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assemble, encode } from '@netkit/bpf'
import { embedded } from '@netkit/kernel'
import { linux } from '@netkit/linux'
import type { KernelProvider } from '@netkit/netlink'
import { connect, type Kernel, type MapValue, Program, VerifierError } from 'netkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const OBJECTS = join(import.meta.dirname, '../packages/bpf/testdata')
const isRoot = process.platform === 'linux' && process.getuid?.() === 0

/** The same calls on both kernels; tcx stands for netkit's lists, as the machine's own Linux may have no netkit. */
const KERNELS: readonly { readonly name: string; readonly open: () => KernelProvider; readonly skip: boolean }[] = [
  { name: 'embedded', open: embedded, skip: false },
  { name: `linux${isRoot ? '' : ' (skipped: not root)'}`, open: linux, skip: !isRoot },
]

const code = (asm: string): Uint8Array => encode(assemble(asm))

describe.each(KERNELS.filter(({ skip }) => !skip))('eBPF on $name', ({ open }) => {
  let kernel: Kernel
  let pod: string

  beforeEach(async () => {
    kernel = await connect(open())
    pod = `netkit-bpf-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
    await kernel.namespaces.create(pod)
  })
  afterEach(async () => {
    await kernel.namespaces.remove(pod)
    await kernel.close()
  })

  const pass = (name: string, verdict = 0) => kernel.bpf.loadProgram(code(`r0 = ${verdict}; exit`), { name })
  const device = async (name = 'd0') => (await kernel.devices.add({ kind: 'veth', name, in: pod })).name

  test('maps take and give numbers and bytes, and say what is wrong', async () => {
    await using map = await kernel.bpf.createMap({
      type: 'hash',
      name: 'flows',
      keySize: 4,
      valueSize: 8,
      maxEntries: 4,
    })
    await map.update(7, 1n << 40n)
    expect(await map.lookup(7)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0))
    expect(await map.lookup(8)).toBeUndefined()
    await expect(map.update(7, 1, 'new')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(map.update(9, 1, 'existing')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(map.update(Uint8Array.of(1), 1)).rejects.toThrow('update map flows: key must have 4 bytes, not 1')
    expect([await map.delete(7), await map.delete(7)]).toEqual([true, false])
    expect(map.info).toMatchObject({ type: 'hash', name: 'flows', keySize: 4, valueSize: 8, maxEntries: 4 })
  })

  test.each(['hash', 'array', 'lru_hash', 'percpu_array', 'percpu_hash'])('%s maps are walked whole', async (type) => {
    await using map = await kernel.bpf.createMap({ type, keySize: 4, valueSize: 8, maxEntries: 1000 })
    const value = type.startsWith('percpu') ? Array.from({ length: map.valuesPerElement }, (_, cpu) => cpu + 5) : 5
    for (let key = 0; key < 1000; key++) await map.update(key, value)
    const keys = new Set<number>()
    for await (const [key, found] of map.entries()) {
      keys.add(typeof key === 'number' ? key : new Uint32Array((key as Uint8Array).slice().buffer)[0])
      const list = (type.startsWith('percpu') ? found : [found]) as Uint8Array[]
      expect(list.map((one) => one[0])).toEqual([value].flat())
    }
    expect(keys.size).toBeGreaterThan(type === 'lru_hash' ? 500 : 999)
  })

  test('queues and stacks are pushed to and popped from', async () => {
    await using queue = await kernel.bpf.createMap({ type: 'queue', valueSize: 4, maxEntries: 2 })
    await queue.push(1)
    await queue.push(2)
    await expect(queue.push(3)).rejects.toMatchObject({ code: 'E2BIG' })
    await queue.push(3, { force: true })
    const first = (value: MapValue | undefined) => (value as Uint8Array | undefined)?.[0]
    expect([first(await queue.peek()), first(await queue.pop()), first(await queue.pop()), await queue.pop()]).toEqual([
      2,
      2,
      3,
      undefined,
    ])
  })

  test('programs that are refused say why, and where', async () => {
    const refused = kernel.bpf.loadProgram(code('r0 = *(u64 *)(r10 + 8); exit'), { name: 'bad' })
    await expect(refused).rejects.toBeInstanceOf(VerifierError)
    await expect(refused).rejects.toMatchObject({
      code: 'EACCES',
      program: 'bad',
      telling: expect.stringContaining('stack'),
    })
    await expect(kernel.bpf.loadProgram(new Uint8Array(7))).rejects.toThrow('instructions of 8 bytes')
  })

  test('lists are changed in order, and only at the revision that was meant', async () => {
    const dev = await device()
    const target = { device: dev, at: 'tcx_ingress', in: pod } as const
    const programs = await Promise.all(['a', 'b', 'c', 'd'].map((name) => pass(name)))
    const ids = new Map(await Promise.all(programs.map(async (p, i) => [(await p.info()).id, 'abcd'[i]] as const)))
    const order = async () => {
      const { programs: list, revision } = await kernel.bpf.query(target)
      return {
        order: list.map(({ programId, linkId }) => `${ids.get(programId)}${linkId ? '*' : ''}`).join(' '),
        revision,
      }
    }
    const [a, b, c, d] = programs
    await kernel.bpf.attach(a, target)
    await kernel.bpf.attach(b, { ...target, first: true })
    const link = await kernel.bpf.link(c, { ...target, after: b })
    expect(await order()).toEqual({ order: 'b c* a', revision: 4n })
    await kernel.bpf.attach(d, { ...target, replace: a, expectedRevision: 4n })
    await expect(kernel.bpf.attach(a, { ...target, expectedRevision: 4n })).rejects.toMatchObject({ code: 'ESTALE' })
    await expect(kernel.bpf.attach(b, target)).rejects.toThrow('the program is attached there already')
    await expect(kernel.bpf.detach({ ...target, program: c })).rejects.toMatchObject({ code: 'EBUSY' })
    await link.update(a)
    expect((await order()).order).toBe('b a* d')
    expect(await link.info()).toMatchObject({ type: 'tcx', at: 'tcx_ingress', programId: (await a.info()).id })
    await link.close()
    await kernel.bpf.detach({ ...target, program: b })
    await kernel.bpf.detach(target)
    expect((await order()).order).toBe('')
    for (const program of programs) await program.close()
  })

  test('programs and maps are found by id', async () => {
    await using program = await pass('findme', 2)
    const { id } = await program.info()
    const all: number[] = []
    for await (const one of kernel.bpf.programIds()) all.push(one)
    expect(all).toContain(id)
    await using again = await kernel.bpf.program(id)
    expect(again).toBeInstanceOf(Program)
    expect(await again.info()).toMatchObject({ name: 'findme', type: 'sched_cls', xlatedBytes: 16 })
    await expect(kernel.bpf.program(0x7ffffff0)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('runs are counted while somebody wants it', async () => {
    await using program = await pass('counted')
    const runs = async (repeat: number) => {
      await program.testRun({ data: new Uint8Array(64), repeat })
      return (await program.info()).runCount
    }
    const before = await runs(5)
    const counted = await kernel.bpf.enableStats()
    expect(await runs(7)).toBe(before + 7n)
    await counted[Symbol.asyncDispose]()
    if (before === 0n) expect(await runs(5)).toBe(7n)
  })

  test('what is pinned outlives its descriptor', async () => {
    const path = `/sys/fs/bpf/${pod}`
    const map = await kernel.bpf.createMap({ type: 'array', keySize: 4, valueSize: 4, maxEntries: 1 })
    await map.update(0, 42)
    await map.pin(path)
    await expect(map.pin(path)).rejects.toMatchObject({ code: 'EEXIST' })
    await map.close()
    await using again = await kernel.bpf.pinnedMap(path)
    expect(await again.lookup(0)).toEqual(Uint8Array.of(42, 0, 0, 0))
    await expect(kernel.bpf.pinnedMap(`${path}-not`)).rejects.toMatchObject({ code: 'ENOENT' })
    await kernel.bpf.unpin(path)
    await expect(kernel.bpf.pinnedMap(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('records of a ring come as programs write them', async () => {
    await using ring = await kernel.bpf.createMap({ type: 'ringbuf', maxEntries: 4096 })
    const writes = `
      r6 = *(u32 *)(r1 + 0)
      *(u64 *)(r10 - 8) = r6
      r1 = map[fd:${ring.fd}]; r2 = r10; r2 += -8; r3 = 8; r4 = 0; call ringbuf_output
      r0 = 0
      exit
    `
    await using program = await kernel.bpf.loadProgram(code(writes))
    const records = await ring.records()
    const lengths: number[] = []
    const reading = (async () => {
      for await (const record of records) {
        lengths.push(record[0])
        if (lengths.length === 600) await records.close()
      }
    })()
    for (const [round, length] of [64, 100, 200].entries()) {
      await program.testRun({ data: new Uint8Array(length), repeat: 200 })
      while (lengths.length < 200 * (round + 1)) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await reading
    expect(lengths).toEqual([64, 100, 200].flatMap((n) => Array.from({ length: 200 }, () => n)))
  })

  test('variables of an object file can be set before it is loaded', async () => {
    const file = kernel.bpf.open(new Uint8Array(readFileSync(join(OBJECTS, 'globals.o'))), 'globals.o')
    file.variables.set('limit', 11)
    file.variables.set('table', [1000, 2000])
    await using object = await file.load()
    const { retval } = await object.program().testRun({ data: new Uint8Array(64) })
    expect(retval).toBe(1001)
    const lines = [...(await kernel.bpf.sourceLines(object.program())).values()]
    expect(lines.map(({ text }) => text)).toContain('total += limit + secret;')
    expect(lines.every(({ file, line }) => file.endsWith('globals.c') && line > 0)).toBe(true)
    const bss = await object.map('.bss').lookup(0)
    expect(bss).toEqual({ total: 20, seen: 1 })
    expect(() => file.variables.set('no_such', 1)).toThrow('is not one of')
  })
})
