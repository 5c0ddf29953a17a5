import { errno, RT_NSID } from '@netkit/netlink'
import { ack, PlayedKernel, playRoute, type ReadRequest, routeMessage, seqOf } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { connect } from '../connect.ts'

const bench = async (answer: (r: ReadRequest, played: PlayedKernel) => readonly Uint8Array[] | undefined) => {
  const requests: ReadRequest[] = []
  const played: PlayedKernel = new PlayedKernel(
    playRoute((r) => {
      requests.push(r)
      return answer(r, played) ?? []
    }),
  )
  return { kernel: await connect(async () => played), played, requests }
}

const nsid = (r: ReadRequest, id: number) => routeMessage(RT_NSID.newnsid, {}, { nsid: id }, { seq: seqOf(r.bytes) })

describe('names', () => {
  test('come and go', async () => {
    const { kernel } = await bench(() => undefined)
    await kernel.namespaces.create('pod')
    expect(await kernel.namespaces.list()).toEqual(['pod'])
    await expect(kernel.namespaces.create('pod')).rejects.toMatchObject({ code: 'EEXIST' })
    await kernel.namespaces.remove('pod')
    await expect(kernel.namespaces.open('pod')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test.each(['', '.', '..', 'a/b', 'a\0', 'x'.repeat(256)])('%j is no name', async (name) => {
    const { kernel } = await bench(() => undefined)
    await expect(kernel.namespaces.create(name)).rejects.toThrow(
      'namespace create: name must be a file name of 1 to 255 bytes',
    )
    await expect(kernel.namespaces.open(name)).rejects.toThrow('must be a file name')
  })

  test('the own namespace and that of a process can be opened too', async () => {
    const { kernel } = await bench(() => undefined)
    await using own = await kernel.namespaces.current()
    await using other = await kernel.namespaces.open({ pid: 7 })
    expect([own.isOwn, other.isOwn, own.inode === other.inode]).toEqual([true, false, false])
  })
})

describe('ids', () => {
  test('are asked for by descriptor; -1 means that there is none', async () => {
    let id = -1
    const { kernel, requests, played } = await bench((r) => [nsid(r, id)])
    await kernel.namespaces.create('pod')
    expect(await kernel.namespaces.id('pod')).toBeUndefined()
    id = 4
    expect(await kernel.namespaces.id('pod')).toBe(4)
    expect(requests.map((r) => r.attrs)).toEqual(played.namespaces.opened.map(({ fd }) => ({ fd })))
    expect(played.namespaces.opened.every((ns) => ns.closed)).toBe(true)
  })

  test('are assigned: the wanted one, or the lowest that is free', async () => {
    const { kernel, requests } = await bench((r) => (r.c === 'RTM_GETNSID' ? [nsid(r, 3)] : undefined))
    await kernel.namespaces.create('pod')
    expect(await kernel.namespaces.setId('pod', 9)).toBe(9)
    expect(await kernel.namespaces.setId('pod', undefined)).toBe(3)
    expect(requests.map((r) => [r.c, r.attrs.nsid])).toEqual([
      ['RTM_NEWNSID', 9],
      ['RTM_NEWNSID', -1],
      ['RTM_GETNSID', undefined],
    ])
    await expect(kernel.namespaces.setId('pod', -1)).rejects.toThrow(
      'id must be an integer from 0 to 2147483647, not -1',
    )
  })

  test('are assigned by ensureId only where there is none', async () => {
    let id = -1
    const { kernel, requests } = await bench((r) => {
      if (r.c === 'RTM_GETNSID') return [nsid(r, id)]
      id = 0
      return undefined
    })
    await kernel.namespaces.create('pod')
    expect(await kernel.namespaces.ensureId('pod')).toBe(0)
    expect(await kernel.namespaces.ensureId('pod')).toBe(0)
    expect(requests.filter((r) => r.c === 'RTM_NEWNSID')).toHaveLength(1)
  })

  test('are listed', async () => {
    const { kernel } = await bench((r) => [nsid(r, 0), nsid(r, 5)])
    expect(await kernel.namespaces.ids()).toEqual([0, 5])
  })

  test('that are taken are refused in the kernel’s words, with the attribute', async () => {
    const { kernel } = await bench((r) => [
      ack(r.bytes, errno.EEXIST, { msg: 'The specified nsid is already used', offset: 20 }),
    ])
    await kernel.namespaces.create('pod')
    await expect(kernel.namespaces.setId('pod', 1)).rejects.toMatchObject({
      code: 'EEXIST',
      attr: 'nsid',
      message: 'namespace set id of pod: EEXIST: The specified nsid is already used (nsid, byte 20)',
    })
  })
})
