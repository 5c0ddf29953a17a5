import {
  IO_URING_PARAMS,
  IO_URING_QUERY_HDR,
  IORING_ENTER_GETEVENTS,
  IORING_OFF_SQ_RING,
  IORING_OFF_SQES,
  IORING_OFF_ZCRX_REGION,
  IORING_OP_NOP,
  IORING_REGISTER_ZCRX_IFQ,
  IORING_SETUP_CQE32,
  IORING_SETUP_DEFER_TASKRUN,
  IORING_SETUP_SINGLE_ISSUER,
} from '@netkit/netlink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LinuxDoors } from '../doors.ts'
import { calls } from '../ffi/calls.ts'
import { onLinux, refusal } from '../testing/here.ts'

const FLAGS = IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_CQE32
const ENTRIES = 8

onLinux('io_uring', () => {
  let doors: LinuxDoors

  beforeEach(async () => {
    doors = new LinuxDoors(await calls())
  })

  afterEach(() => doors.close())

  const setUp = (entries = ENTRIES, flags = FLAGS) => {
    const bytes = new Uint8Array(IO_URING_PARAMS.size)
    const params = new DataView(bytes.buffer)
    params.setUint32(IO_URING_PARAMS.flags, flags, true)
    return { ring: doors.zcrx.setup(entries, bytes), params }
  }

  test('a request goes through rings in memory of the application', async () => {
    const { ring, params } = setUp()
    const at = (ring: number, field: number) => params.getUint32(ring + field, true)
    const { sqOff, cqOff } = IO_URING_PARAMS
    const rings = ring.mmap(4096, IORING_OFF_SQ_RING)
    const sqes = ring.mmap(ENTRIES * 64, IORING_OFF_SQES)
    const words = new Int32Array(doors.memory.memory.buffer)
    const word = (offset: number) => (rings.offset + offset) >> 2
    words[sqes.offset >> 2] = IORING_OP_NOP
    words[(sqes.offset + 32) >> 2] = 42
    words[word(at(sqOff, 24))] = 0
    Atomics.store(words, word(at(sqOff, 4)), 1)
    expect(ring.enter(1, IORING_ENTER_GETEVENTS)).toBe(1)
    await ring.wait(1000)
    expect(words[word(at(cqOff, 4))]).toBe(1)
    expect(words[word(at(cqOff, 20))]).toBe(42)
    expect(params.getUint32(IO_URING_PARAMS.flags, true)).toBe(FLAGS)
  })

  test('waiting ends with the time, and with the instance', async () => {
    const { ring } = setUp()
    await ring.wait(5)
    const waiting = ring.wait()
    ring.close()
    await waiting
    await ring.wait()
    expect(ring.enter(0, 0)).toBe(-9)
    ring.close()
  })

  test.each([
    ['no entries', 0, FLAGS],
    ['too many', 32769, FLAGS],
    ['unknown flags', ENTRIES, 1 << 31],
    ['DEFER_TASKRUN alone', ENTRIES, IORING_SETUP_DEFER_TASKRUN],
  ])('%s: EINVAL, and no memory is lost', (_, entries, flags) => {
    const before = doors.memory.map(1)
    before.unmap()
    expect(() => setUp(entries, flags)).toThrow(refusal('EINVAL') as Error)
    const after = doors.memory.map(1)
    expect(after.offset).toBe(before.offset)
  })

  test('rings only are mapped', () => {
    const { ring } = setUp()
    expect(() => ring.mmap(4096, IORING_OFF_ZCRX_REGION)).toThrow(refusal('EINVAL') as Error)
    expect(() => ring.mmap(1 << 30, IORING_OFF_SQ_RING)).toThrow(refusal('EINVAL') as Error)
  })

  test('structures are read where their addresses say', () => {
    const { ring } = setUp()
    const fault = () => ring.register(IORING_REGISTER_ZCRX_IFQ, 8, 1)
    expect(fault).toThrow(process.getuid?.() === 0 ? (refusal('EFAULT') as Error) : (refusal('EPERM') as Error))
    const query = doors.memory.map(4096)
    new DataView(doors.memory.memory.buffer, query.offset).setUint32(IO_URING_QUERY_HDR.op, 0xffff, true)
    doors.zcrx.query(query.address)
    const result = new DataView(doors.memory.memory.buffer, query.offset).getInt32(IO_URING_QUERY_HDR.result, true)
    expect(result).toBe(-95)
  })

  test('what the connection opened goes with it', async () => {
    setUp()
    setUp()
    await doors.close()
    expect(() => doors.zcrx.closeFile(9999)).toThrow(refusal('EBADF') as Error)
  })
})
