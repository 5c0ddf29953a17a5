import { describe, expect, it, test } from 'vitest'
import { errno, errnoName, KernelError, type PolicyTlv, type Refusal, refused } from './index.ts'

const say = (r: Partial<Refusal>): string =>
  new KernelError({ op: 'device change nk0', errno: errno.EINVAL, ...r }).message

describe('the sentence of a refusal', () => {
  it('has what was tried, the error by name, and the kernel’s own words', () => {
    expect(
      say({ errno: errno.EACCES, extack: 'netkit link operating mode cannot be changed after device creation' }),
    ).toBe('device change nk0: EACCES: netkit link operating mode cannot be changed after device creation')
  })

  it('says in ours what the number means, where the kernel has no words', () => {
    expect(say({ errno: errno.ENODEV })).toBe('device change nk0: ENODEV: there is no such device')
    expect(say({ errno: errno.EPERM })).toBe('device change nk0: EPERM: not permitted')
    expect(say({ errno: errno.EPROTO })).toBe('device change nk0: EPROTO: refused')
    expect(say({ errno: 4711 })).toBe('device change nk0: errno 4711: refused')
  })

  it('points at the attribute and the byte', () => {
    expect(say({ extack: 'no', attr: 'linkinfo.data.mode', offset: 76 })).toBe(
      'device change nk0: EINVAL: no (linkinfo.data.mode, byte 76)',
    )
    expect(say({ extack: 'no', offset: 0 })).toBe('device change nk0: EINVAL: no (byte 0)')
  })

  const LIMITS: readonly { policy: PolicyTlv; words: string }[] = [
    { policy: { type: 4, minU: 0n, maxU: 1n }, words: 'allowed: 0 to 1' },
    { policy: { type: 8, minS: -1n, maxS: 5n }, words: 'allowed: -1 to 5' },
    { policy: { type: 11, maxLength: 15 }, words: 'allowed: at most 15 bytes' },
    { policy: { type: 10, minLength: 2, maxLength: 8 }, words: 'allowed: 2 to 8 bytes' },
    { policy: { type: 10, minLength: 2 }, words: 'allowed: at least 2 bytes' },
    { policy: { type: 4, mask: 0x13n }, words: 'allowed bits: 0x13' },
    { policy: { type: 15, bitfield32Mask: 5 }, words: 'allowed bits: 0x5' },
  ]

  test.each(LIMITS)('tells the limits that were broken: $words', ({ policy, words }) => {
    expect(say({ extack: 'integer out of range', attr: 'mtu', offset: 32, policy })).toBe(
      `device change nk0: EINVAL: integer out of range (mtu, byte 32, ${words})`,
    )
  })

  it('does not speak of limits that say nothing', () => {
    expect(say({ extack: 'no', policy: { type: 13 } })).toBe('device change nk0: EINVAL: no')
  })

  it('names what is missing', () => {
    expect(say({ missing: 'lease.queue' })).toBe(
      'device change nk0: EINVAL: a value or its combination with others is not valid (required attribute lease.queue is missing)',
    )
  })
})

describe('the fields of a refusal', () => {
  it('lose nothing', () => {
    const cause = new Error('below')
    const refusal: Required<Refusal> = {
      op: 'x',
      errno: errno.ERANGE,
      extack: 'words',
      offset: 20,
      attr: 'mtu',
      policy: { type: 4 },
      missing: 'type',
      log: ['one', 'two'],
      cause,
    }
    const error = new KernelError(refusal)
    expect(error).toMatchObject({ ...refusal, name: 'KernelError', code: 'ERANGE' })
    expect(error).toBeInstanceOf(Error)
  })

  it('of a door without messages are those that it knows', () => {
    expect(refused('open', 'EADDRINUSE')).toMatchObject({
      op: 'open',
      errno: 98,
      code: 'EADDRINUSE',
      extack: undefined,
    })
    expect(refused('open', 'EPERM', 'CAP_NET_ADMIN is required').message).toBe('open: EPERM: CAP_NET_ADMIN is required')
  })
})

describe('error numbers', () => {
  it('have one name each', () => {
    expect(new Set(Object.values(errno)).size).toBe(Object.keys(errno).length)
    for (const [name, n] of Object.entries(errno)) expect(errnoName(n)).toBe(name)
  })

  it('without a name are told as they are', () => {
    expect(errnoName(0)).toBe('errno 0')
    expect(errnoName(4095)).toBe('errno 4095')
  })
})
