import { BPF_COMMANDS, MAP_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { expect, test } from 'vitest'
import { BpfClient } from '../testing/bpf-client.ts'

const C = BPF_COMMANDS

/** A client with a program and a map, and the pid that it has. */
async function lab() {
  const client = new BpfClient()
  const [pid] = client.kernel.processes.keys()
  const map = await client.map(MAP_TYPE.array)
  const { result: program } = await client.load('r0 = 0; exit')
  return { client, pid, map, program }
}

// What Linux 7.3 answers to root, asked with the same arguments.

test('a map is bound to a program once, and held by it', async () => {
  const { client, map, program } = await lab()
  const bind = async (progFd: number, mapFd: number, flags = 0) =>
    (await client.call(C.progBindMap, { progFd, mapFd, flags })).result
  expect(await bind(program, map)).toBe(0)
  expect(await bind(program, map)).toBe(0)
  expect(await bind(program, map, 1)).toBe(-errno.EINVAL)
  expect(await bind(999, map)).toBe(-errno.EBADF)
  expect(await bind(map, map)).toBe(-errno.EINVAL)
  expect(await bind(program, 999)).toBe(-errno.EBADF)
  expect(await bind(program, program)).toBe(-errno.EINVAL)
  const { maps } = client.kernel.bpf
  const [{ id }] = maps.values()
  await client.door.closeFile(map)
  expect(maps.get(id)).toBeDefined()
  const info = client.door.memory(232)
  await client.call(C.objGetInfoByFd, { bpfFd: program, infoLen: 232, info: info.address }, [info])
  expect(new DataView(info.bytes.buffer).getUint32(52, true)).toBe(1)
  await client.door.closeFile(program)
  expect(maps.get(id)).toBeUndefined()
})

test('there are no tracepoints, iterators and tokens', async () => {
  const { client, pid, map, program } = await lab()
  const query = async (fd: number, of = pid, flags = 0) =>
    (await client.call(C.taskFdQuery, { pid: of, fd, flags })).result
  expect(await query(0)).toBe(-errno.ENOTSUPP)
  expect(await query(program)).toBe(-errno.ENOTSUPP)
  expect(await query(999)).toBe(-errno.EBADF)
  expect(await query(0, 999_999)).toBe(-errno.ENOENT)
  expect(await query(0, pid, 1)).toBe(-errno.EINVAL)
  const tracepoint = async (progFd: number) => (await client.call(C.rawTracepointOpen, { progFd })).result
  expect([await tracepoint(program), await tracepoint(999)]).toEqual([-errno.EINVAL, -errno.EBADF])
  const iterator = async (linkFd: number, flags = 0) => (await client.call(C.iterCreate, { linkFd, flags })).result
  expect([await iterator(999, 1), await iterator(999), await iterator(map)]).toEqual([
    -errno.EINVAL,
    -errno.EBADF,
    -errno.EINVAL,
  ])
  const token = async (bpffsFd: number, flags = 0) => (await client.call(C.tokenCreate, { bpffsFd, flags })).result
  expect([await token(999, 1), await token(999), await token(map)]).toEqual([
    -errno.EINVAL,
    -errno.EBADF,
    -errno.EINVAL,
  ])
})
