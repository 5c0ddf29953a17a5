import { BPF_COMMANDS, BTF_INFO, encodeBtf, MAP_TYPE, makeStruct, PROG_INFO, readStruct } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import { BpfClient, u32 } from '../testing/bpf-client.ts'

const C = BPF_COMMANDS

const COUNT = (fd: number): string => `
  r0 = 3
  *(u32 *)(r10 - 4) = r0
  r2 = r10
  r2 += -4
  r1 = map[fd:${fd}]
  call map_lookup_elem
  if r0 == 0 goto out
  r1 = *(u64 *)(r0 + 0)
  r1 += 5
  *(u64 *)(r0 + 0) = r1
out:
  r0 = 2
  exit
`

describe('programs', () => {
  test.each([MAP_TYPE.array, MAP_TYPE.hash, MAP_TYPE.lruHash, MAP_TYPE.percpuArray])(
    'change the elements of maps (type %i) that requests read',
    async (type) => {
      const client = new BpfClient()
      const fd = await client.map(type)
      await client.update(fd, 3, 100, 0)
      expect((await client.load(COUNT(fd))).result).toBeGreaterThan(0)
      expect([client.run(), client.run()]).toEqual([2, 2])
      expect(await client.lookup(fd, 3)).toBe(110n)
    },
  )

  test('have functions that return nothing', async () => {
    const client = new BpfClient()
    await client.load(
      'r1 = r10; r1 += -8; call put; r0 = *(u64 *)(r10 -8); exit\nput: r2 = 6; *(u64 *)(r1 +0) = r2; exit',
    )
    expect(client.run()).toBe(6)
    expect((await client.load('call nothing; exit\nnothing: exit')).result).toBe(-errno.EACCES)
  })

  test.each(['-1', '0x40000000', '0x100000010 ll', '4089'])(
    'get no record of %s bytes from a ring of 4096',
    async (size) => {
      const client = new BpfClient()
      const ring = await client.map(MAP_TYPE.ringbuf, { keySize: 0, valueSize: 0, maxEntries: 4096 })
      const { result, said } = await client.load(
        `
      r1 = map[fd:${ring}]; r2 = ${size}; r3 = 0; call ringbuf_reserve
      if r0 == 0 goto out
      r1 = r0; r2 = 0; call ringbuf_submit
      r0 = 1
      exit
    out:
      r0 = 2
      exit
    `,
        {},
        4096,
      )
      expect([result > 0, said]).toEqual([true, expect.anything()])
      expect(client.run()).toBe(2)
    },
  )

  test('keep their maps, and let go of them', async () => {
    const client = new BpfClient()
    const { bpf } = client.kernel
    const fd = await client.map(MAP_TYPE.array)
    const program = (await client.load(COUNT(fd))).result
    await client.door.closeFile(fd)
    expect(bpf.maps.size).toBe(1)
    expect(client.run()).toBe(2)
    await client.door.closeFile(program)
    expect([bpf.maps.size, bpf.programs.size]).toEqual([0, 0])
  })

  test('call each other through prog arrays', async () => {
    const client = new BpfClient()
    const fd = await client.map(MAP_TYPE.progArray, { valueSize: 4 })
    const callee = (await client.load('r0 = 7; exit')).result
    await client.load(`r2 = map[fd:${fd}]; r3 = 1; call tail_call; r0 = 9; exit`)
    expect(client.run()).toBe(9)
    expect(await client.update(fd, 1, callee)).toBe(0)
    expect(client.run()).toBe(7)
    const other = (await client.load('r0 = 7; exit', { expectedAttachType: 54 })).result
    expect(await client.update(fd, 1, other)).toBe(-errno.EINVAL)
  })

  test('in a prog array that they use go with the last descriptor of it', async () => {
    const client = new BpfClient()
    const { bpf } = client.kernel
    const fd = await client.map(MAP_TYPE.progArray, { valueSize: 4 })
    const program = (await client.load(`r2 = map[fd:${fd}]; r3 = 1; call tail_call; r0 = 9; exit`)).result
    await client.update(fd, 1, program)
    await client.door.closeFile(program)
    expect(bpf.programs.size).toBe(1)
    await client.door.closeFile(fd)
    expect([bpf.programs.size, bpf.maps.size]).toEqual([0, 0])
  })

  test('find maps in maps', async () => {
    const client = new BpfClient()
    const inner = await client.map(MAP_TYPE.array)
    const outer = await client.map(MAP_TYPE.hashOfMaps, { valueSize: 4, innerMapFd: inner })
    expect(await client.update(outer, 3, inner)).toBe(0)
    await client.update(inner, 3, 41, 0)
    await client.load(`
      r0 = 3; *(u32 *)(r10 - 4) = r0; r2 = r10; r2 += -4; r1 = map[fd:${outer}]; call map_lookup_elem
      if r0 == 0 goto out
      r2 = r10; r2 += -4; r1 = r0; call map_lookup_elem
      if r0 == 0 goto out
      r0 = *(u64 *)(r0 + 0)
      exit
    out:
      r0 = 0
      exit
    `)
    expect(client.run()).toBe(41)
  })

  test.each([
    [MAP_TYPE.array, 16],
    [MAP_TYPE.hash, 2],
  ])('go through the elements of maps (type %i)', async (type, elements) => {
    const client = new BpfClient()
    const fd = await client.map(type)
    await client.update(fd, 3, 100, 0)
    await client.update(fd, 5, 11, 0)
    const functions = await client.functions(0, 14)
    const { said, result } = await client.load(
      `
      r1 = 0; *(u64 *)(r10 - 8) = r1
      r1 = map[fd:${fd}]; r2 = &each; r3 = r10; r3 += -8; r4 = 0; call for_each_map_elem
      r1 = *(u64 *)(r10 - 8)
      r1 <<= 8
      r0 += r1
      exit
    each:
      r1 = *(u64 *)(r3 + 0)
      r2 = *(u64 *)(r4 + 0)
      r2 += r1
      *(u64 *)(r4 + 0) = r2
      r0 = 0
      exit
    `,
      functions.values,
      4096,
      functions.memory,
    )
    expect({ said, fd: result > 0 }).toMatchObject({ fd: true })
    expect(client.run()).toBe(111 * 256 + elements)
  })

  test('write to ring buffers', async () => {
    const client = new BpfClient()
    const fd = await client.map(MAP_TYPE.ringbuf, { keySize: 0, valueSize: 0, maxEntries: 4096 })
    await client.load(`
      r1 = map[fd:${fd}]; r2 = 16; r3 = 0; call ringbuf_reserve
      if r0 == 0 goto out
      r1 = 77; *(u64 *)(r0 + 0) = r1; r1 = r0; r2 = 0; call ringbuf_submit
    out:
      r1 = map[fd:${fd}]; r2 = 0; call ringbuf_query
      exit
    `)
    expect([client.run(), client.run()]).toEqual([24, 48])
  })

  test('are refused with a log, of which as much is told as there is room for', async () => {
    const client = new BpfClient()
    const whole = await client.load('exit', {}, 4096)
    expect(whole.result).toBe(-errno.EACCES)
    expect(whole.said).toContain('R0 !read_ok')
    expect(whole.attr.logTrueSize).toBe(whole.said.length + 1)
    const cut = await client.load('exit', {}, 20)
    expect(cut.result).toBe(-errno.ENOSPC)
    expect(cut.said).toBe(whole.said.slice(-19))
    expect(cut.attr.logTrueSize).toBe(whole.said.length + 1)
  })

  test('are told about: tag, licence, maps, types', async () => {
    const client = new BpfClient()
    const { result } = await client.load('r0 = 2; exit', { progName: 'passes' })
    const info = client.door.memory(232)
    await client.call(C.objGetInfoByFd, { bpfFd: result, infoLen: 232, info: info.address }, [info])
    const { tag, name, gplCompatible, verifiedInsns } = readStruct(PROG_INFO, info.bytes)
    // The tag is what Linux 7.3 told of the same program.
    expect({ tag, name, gplCompatible, verifiedInsns }).toEqual({
      tag: 0xcc4e32d84c434b61n,
      name: 'passes',
      gplCompatible: 1,
      verifiedInsns: 2,
    })
  })

  test.each([
    [{ progFlags: 1 << 9 }, errno.EINVAL],
    [{ insnCnt: 0 }, errno.E2BIG],
    [{ insns: 8n }, errno.EFAULT],
    [{ license: 8n }, errno.EFAULT],
    [{ progName: 'a-b' }, errno.EINVAL],
    [{ progType: 99 }, errno.EINVAL],
    [{ logLevel: 1, logSize: 8 }, errno.EINVAL],
  ])('that are loaded with %o are refused', async (more, error) => {
    expect((await new BpfClient().load('r0 = 0; exit', more)).result).toBe(-error)
  })
})

describe('batches', () => {
  test.each([MAP_TYPE.array, MAP_TYPE.hash])('hand over all elements of a map (type %i), once', async (mapType) => {
    const client = new BpfClient()
    const mapFd = await client.map(mapType)
    const keys = client.memory(u32(...Array.from({ length: 16 }, (_, i) => i)))
    const values = client.memory(u32(...Array.from({ length: 16 }, (_, i) => [i * 3, 0]).flat()))
    const at = { mapFd, keys: keys.address, values: values.address, count: 16 }
    expect((await client.call(C.mapUpdateBatch, at, [keys, values])).result).toBe(0)
    const outKeys = client.door.memory(64)
    const outValues = client.door.memory(128)
    const cursor = client.door.memory(4)
    const seen = new Map<number, number>()
    for (let result = 0, inBatch = 0n; result === 0; inBatch = cursor.address) {
      const values = {
        mapFd,
        inBatch,
        outBatch: cursor.address,
        keys: outKeys.address,
        values: outValues.address,
        count: 5,
      }
      const answer = await client.call(C.mapLookupBatch, values, [outKeys, outValues, cursor])
      result = answer.result
      for (let i = 0; i < answer.attr.count; i++) {
        const key = new Uint32Array(outKeys.bytes.buffer)[i]
        expect(seen.has(key)).toBe(false)
        seen.set(key, new Uint32Array(outValues.bytes.buffer)[2 * i])
      }
      if (result < 0) expect(result).toBe(-errno.ENOENT)
    }
    expect([...seen].sort(([a], [b]) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => [i, i * 3]))
  })

  test('are refused by types that have none', async () => {
    const client = new BpfClient()
    const mapFd = await client.map(MAP_TYPE.queue, { keySize: 0 })
    expect((await client.call(C.mapLookupBatch, { mapFd, count: 1 })).result).toBe(-errno.ENOTSUPP)
  })
})

describe('types', () => {
  test('are kept as they were given', async () => {
    const client = new BpfClient()
    const bytes = encodeBtf({
      types: [{ kind: 'void' }, { kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: 1 }],
    })
    const btf = client.memory(bytes)
    const { result } = await client.call(C.btfLoad, { btf: btf.address, btfSize: bytes.length }, [btf])
    const room = client.door.memory(bytes.length)
    const info = client.memory(makeStruct(BTF_INFO, { btf: room.address, btfSize: bytes.length }))
    await client.call(C.objGetInfoByFd, { bpfFd: result, infoLen: 32, info: info.address }, [info, room])
    expect(room.bytes).toEqual(bytes)
    expect(readStruct(BTF_INFO, info.bytes)).toMatchObject({ btfSize: bytes.length, id: 1 })
    const typed = await client.call(C.mapCreate, {
      mapType: MAP_TYPE.array,
      keySize: 4,
      valueSize: 8,
      maxEntries: 1,
      btfFd: result,
      btfKeyTypeId: 1,
      btfValueTypeId: 1,
    })
    expect(typed.result).toBe(-errno.EINVAL)
  })

  test('that are damaged are refused', async () => {
    const client = new BpfClient()
    const btf = client.memory(new Uint8Array(24))
    const { result } = await client.call(C.btfLoad, { btf: btf.address, btfSize: 24 }, [btf])
    expect(result).toBe(-errno.EINVAL)
  })
})
