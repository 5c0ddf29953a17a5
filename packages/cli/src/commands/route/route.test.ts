import { describe, expect, test } from 'vitest'
import { shell } from '../../testing/shell.ts'

const setup = async () => {
  const netkit = shell()
  const ok = async (line: string) => expect(await netkit(line), line).toEqual({ status: 0, out: '', err: '' })
  await ok('link add d0 address 02:00:00:00:00:01 type dummy')
  await ok('link set d0 up')
  await ok('addr add 10.0.0.1/24 dev d0')
  return { netkit, ok }
}

describe('routes', () => {
  test('are made, replaced, shown and removed', async () => {
    const { netkit, ok } = await setup()
    await ok('route add default via 10.0.0.254')
    await ok('route add 10.1.0.0/16 via 10.0.0.9 metric 100 proto static mtu 1400')
    await ok('route add 192.0.2.0/24 type blackhole')
    await ok('route replace default via 10.0.0.253')
    await ok('route add 2001:db8::/32 dev d0')
    expect((await netkit('route')).out).toBe(
      [
        'default via 10.0.0.253 dev d0',
        '10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1',
        '10.1.0.0/16 via 10.0.0.9 dev d0 proto static metric 100 mtu 1400',
        'blackhole 192.0.2.0/24',
        '2001:db8::/32 dev d0 metric 1024 pref medium',
        'fe80::/64 dev d0 proto kernel metric 256 pref medium',
        '',
      ].join('\n'),
    )
    await ok('route del 10.1.0.0/16')
    await ok('route flush')
    expect((await netkit('route show inet')).out).toBe('10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1\n')
  })

  test("that lead nowhere are refused in the kernel's words", async () => {
    const { netkit } = await setup()
    expect((await netkit('route add 10.2.0.0/16 via 192.0.2.1')).err).toContain('Nexthop has invalid gateway')
    expect((await netkit('route del 10.2.0.0/16')).err).toContain('ESRCH')
    expect((await netkit('route add 10.2.0.1/16 dev d0')).err).toContain('10.2.0.0/16')
  })
})
