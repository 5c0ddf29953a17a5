import { describe, expect, it } from 'vitest'
import {
  Data,
  decodeAttrs,
  encodeAttrs,
  fromHex,
  layoutOf,
  NETDEV,
  NETDEV_QUEUE,
  NETLINK_GENERIC,
  toHex,
  Writer,
} from '../../index.ts'

describe('queue attributes', () => {
  const request =
    '08000200050000000800030000000000280008800800010003000000140002800800010001000000080003000000000008000300 00000000'

  it('encodes a request for a lease as the kernel takes it', () => {
    const w = new Writer()
    encodeAttrs(
      NETDEV_QUEUE,
      { ifindex: 5, type: 'rx', lease: { ifindex: 3, queue: { id: 1, type: 'rx' }, netnsId: 0 } },
      w,
    )
    expect(toHex(w.take())).toBe(request.replace(' ', ''))
  })

  it('decodes what the kernel says of a leased queue', () => {
    const bytes = fromHex(
      '0800010001000000080003000000000008000200030000000800040001200000' +
        '280008801400028008000100010000000800030000000000080001000500000008000300 00000000',
    )
    expect(decodeAttrs(NETDEV_QUEUE, new Data(bytes), 0, bytes.length)).toEqual({
      id: 1,
      type: 'rx',
      ifindex: 3,
      napiId: 0x2001,
      lease: { queue: { id: 1, type: 'rx' }, ifindex: 5, netnsId: 0 },
    })
  })

  it('lays out replies as requests', () => {
    const of = (fromKernel: boolean, command: number) =>
      layoutOf(NETLINK_GENERIC, 22, command, () => NETDEV, fromKernel)
    expect(of(false, 16)?.attrs).toBe(NETDEV_QUEUE)
    expect(of(true, 16)?.attrs).toBe(NETDEV_QUEUE)
    expect(of(false, 2)).toBeUndefined()
    expect(of(true, 2)?.c).toBe('NETDEV_CMD_DEV_ADD_NTF')
  })
})
