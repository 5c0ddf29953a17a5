import { existsSync } from 'node:fs'
import {
  assemble,
  BPF_COMMANDS,
  type BpfCommand,
  encode,
  MAP_FLAG,
  MAP_TYPE,
  type Members,
  makeStruct,
  PROG_TYPE,
  parsePerfRecord,
  readStruct,
  type ValuesOf,
} from '@netkit/bpf'
import type { BpfMemory, BpfPerfBuffer } from '@netkit/netlink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LinuxDoors } from '../doors.ts'
import { calls } from '../ffi/calls.ts'
import { asRoot, refusal } from '../testing/here.ts'

const C = BPF_COMMANDS

let doors: LinuxDoors

async function bpf<M extends Members>(
  { id, attr }: BpfCommand<M>,
  values: Partial<ValuesOf<M>>,
  memory: readonly BpfMemory[] = [],
): Promise<{ result: number; attr: ValuesOf<M> }> {
  const bytes = makeStruct(attr, values)
  return { result: await doors.bpf.call(id, bytes, { memory }), attr: readStruct(attr, bytes) }
}

function memory(bytes: Uint8Array): BpfMemory {
  const given = doors.bpf.memory(bytes.length)
  given.bytes.set(bytes)
  return given
}

const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer)

async function load(asm: string): Promise<number> {
  const code = encode(assemble(asm))
  const [insns, license] = [memory(code), memory(new TextEncoder().encode('GPL\0'))]
  const values = {
    progType: PROG_TYPE.schedCls,
    insnCnt: code.length / 8,
    insns: insns.address,
    license: license.address,
  }
  return (await bpf(C.progLoad, values, [insns, license])).result
}

const newArray = (mapFlags = 0) =>
  bpf(C.mapCreate, { mapType: MAP_TYPE.array, keySize: 4, valueSize: 8, maxEntries: 4, mapFlags })

asRoot('bpf(2)', () => {
  beforeEach(async () => {
    doors = new LinuxDoors(await calls())
  })
  afterEach(() => doors.close())

  test('reads and writes memory that addresses lead to', async () => {
    const { result: mapFd } = await newArray()
    const [key, value, out] = [memory(u32(2)), memory(u32(7, 8)), doors.bpf.memory(8)]
    await bpf(C.mapUpdateElem, { mapFd, key: key.address, value: value.address }, [key, value])
    await bpf(C.mapLookupElem, { mapFd, key: key.address, value: out.address }, [key, out])
    expect(out.bytes).toEqual(u32(7, 8))
  })

  test('refuses with what the kernel said', async () => {
    const { result: mapFd } = await newArray()
    const key = memory(u32(9))
    const lookup = bpf(C.mapLookupElem, { mapFd, key: key.address, value: key.address }, [key])
    await expect(lookup).rejects.toThrow(refusal('ENOENT'))
    await expect(bpf(C.mapFreeze, { mapFd: 9999 })).rejects.toThrow(refusal('EBADF'))
    await expect(load('exit')).rejects.toThrow(refusal('EACCES'))
  })

  test('closes only descriptors that it opened, and all of them in the end', async () => {
    const { result } = await newArray()
    await doors.bpf.closeFile(result)
    await expect(doors.bpf.closeFile(result)).rejects.toThrow(refusal('EBADF'))
    await expect(doors.bpf.closeFile(1)).rejects.toThrow(refusal('EBADF'))
    await newArray() // closed with the doors
  })

  test('maps the values of an array', async () => {
    const { result: fd } = await newArray(MAP_FLAG.mmapable)
    await using mapping = await doors.bpf.map(fd, { length: 32, writable: true })
    new DataView(mapping.bytes().buffer).setUint32(8, 77, true)
    const [key, out] = [memory(u32(1)), doors.bpf.memory(8)]
    await bpf(C.mapLookupElem, { mapFd: fd, key: key.address, value: out.address }, [key, out])
    expect(out.bytes).toEqual(u32(77, 0))
    const plain = (await newArray()).result
    await expect(doors.bpf.map(plain, { length: 32 })).rejects.toThrow(refusal('EINVAL'))
  })

  test('hands over the records of a ring, also those that come while one waits, past its end', async () => {
    const { result: fd } = await bpf(C.mapCreate, { mapType: MAP_TYPE.ringbuf, maxEntries: 4096 })
    const prog = await load(`
      r6 = r1
      r7 = *(u32 *)(r6 + 8)
      r1 = map[fd:${fd}]; r2 = 100; r3 = 0; call ringbuf_reserve
      if r0 == 0 goto out
      *(u32 *)(r0 + 0) = r7; r1 = r0; r2 = 0; call ringbuf_submit
    out:
      r0 = 0
      exit
    `)
    const frame = memory(new Uint8Array(64))
    const runs = (repeat: number) =>
      bpf(C.progTestRun, { progFd: prog, dataIn: frame.address, dataSizeIn: 64, repeat }, [frame])
    await using ring = await doors.bpf.ring(fd)
    await doors.bpf.closeFile(fd)
    let taken = 0
    for (let round = 0; round < 20; round++) {
      const waiting = ring.next()
      await runs(10)
      const first = await waiting
      expect(first[0].length).toBe(100)
      taken += first.length
    }
    while (taken < 200) taken += (await ring.next()).length
    expect(taken).toBe(200)
    const waiting = ring.next()
    await ring.close()
    expect(await waiting).toEqual([])
    await expect(doors.bpf.ring(prog)).rejects.toThrow(refusal('EINVAL'))
  })

  test('hands over what programs write to a perf event array, padded, and counts what is lost', async () => {
    const { result: map } = await bpf(C.mapCreate, {
      mapType: MAP_TYPE.perfEventArray,
      keySize: 4,
      valueSize: 4,
      maxEntries: doors.bpf.cpus,
    })
    const prog = await load(`
      r6 = 0x0807060504030201 ll; *(u64 *)(r10 - 8) = r6
      r2 = map[fd:${map}]; r3 = 0x4ffffffff ll; r4 = r10; r4 += -8; r5 = 8
      call perf_event_output
      exit
    `)
    const data = memory(Uint8Array.from({ length: 64 }, (_, n) => n))
    const run = async () =>
      (await bpf(C.progTestRun, { progFd: prog, dataIn: data.address, dataSizeIn: 64 }, [data])).attr.retval | 0
    expect(await run()).toBe(-2)
    const buffers: BpfPerfBuffer[] = []
    for (let cpu = 0; cpu < doors.bpf.cpus; cpu++) {
      const buffer = await doors.bpf.perfBuffer({ cpu, pages: 1 })
      buffers.push(buffer)
      const [key, value] = [memory(u32(cpu)), memory(u32(buffer.fd))]
      await bpf(C.mapUpdateElem, { mapFd: map, key: key.address, value: value.address }, [key, value])
    }
    const next = async () => (await Promise.race(buffers.map((buffer) => buffer.next()))).map(parsePerfRecord)
    const waiting = next()
    expect(await run()).toBe(0)
    expect(await waiting).toEqual([{ data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3) }])
    await Promise.all(buffers.map((buffer) => buffer.close()))
    await expect(doors.bpf.perfBuffer({ cpu: 4096 })).rejects.toThrow(/EINVAL|ENODEV/)
    await expect(doors.bpf.perfBuffer({ pages: 3 })).rejects.toThrow(refusal('EINVAL'))
  })

  test.skipIf(!existsSync('/sys/kernel/tracing/trace_pipe'))('hands over what programs print, by lines', async () => {
    const mark = BigInt(process.pid)
    const prog = await load(`
      r1 = 0x000a21756c256120 ll; *(u64 *)(r10 - 8) = r1
      r1 = r10; r1 += -8; r2 = 8; r3 = ${mark}; call trace_printk; r0 = 0; exit
    `)
    const frame = memory(new Uint8Array(64))
    await using pipe = await doors.bpf.tracePipe()
    const seen: string[] = []
    for (let n = 0; n < 2; n++) {
      const next = pipe.next()
      await bpf(C.progTestRun, { progFd: prog, dataIn: frame.address, dataSizeIn: 64 }, [frame])
      for (const line of await next) seen.push(new TextDecoder().decode(line))
    }
    expect(seen.filter((line) => line.endsWith(`bpf_trace_printk:  a${mark}!`)).length).toBeGreaterThan(0)
  })
})
