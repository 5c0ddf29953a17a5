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

  test('are said as with ip: kinds in front, several ways, families by options', async () => {
    const { netkit, ok } = await setup()
    await ok('route add blackhole 192.0.2.0/24')
    await ok('route add default nexthop via 10.0.0.8 nexthop via 10.0.0.9 dev d0 weight 3')
    await ok('-6 route add default dev d0')
    expect((await netkit('-4 route')).out).toBe(
      [
        'default',
        '\tnexthop via 10.0.0.8 dev d0 weight 1',
        '\tnexthop via 10.0.0.9 dev d0 weight 3',
        '10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1',
        'blackhole 192.0.2.0/24',
        '',
      ].join('\n'),
    )
    expect((await netkit('-6 route show default')).out).toBe('default dev d0 metric 1024 pref medium\n')
    expect((await netkit('route add unreachable type throw 192.0.2.0/25')).err).toContain('exclude each other')
    expect((await netkit('route add 10.9.0.0/16 dev nothing')).err).toContain('dev nothing: ENODEV')
    await ok('route prepend blackhole 192.0.2.0/24 scope link')
    expect((await netkit('route change 192.0.2.0/25 dev d0')).err).toContain('ENOENT')
    await ok('route change 192.0.2.0/24 dev d0')
    expect((await netkit('route get 192.0.2.1')).out).toBe('192.0.2.1 dev d0 src 10.0.0.1\n')
    expect((await netkit('route get 192.0.2.1 fibmatch')).out).toContain('192.0.2.0/24 dev d0 scope link')
    expect((await netkit('route get fd00::1')).out).toContain('fd00::1 dev d0')
  })

  test('are chosen by network, router and maker', async () => {
    const { netkit, ok } = await setup()
    for (const line of [
      '10.1.0.0/16 via 10.0.0.9',
      '10.1.2.0/24 dev d0 proto static',
      '10.2.0.0/16 dev d0 src 10.0.0.1',
    ])
      await ok(`route add ${line}`)
    const networks = async (words: string) =>
      JSON.parse((await netkit(`-j route show ${words}`)).out).map(({ dst }: { dst: string }) => dst)
    expect(await networks('10.1.0.0/16')).toEqual(['10.1.0.0/16'])
    expect(await networks('root 10.1.0.0/16')).toEqual(['10.1.0.0/16', '10.1.2.0/24'])
    expect(await networks('match 10.1.2.9')).toEqual(['10.1.0.0/16', '10.1.2.0/24'])
    expect(await networks('via 10.0.0.9')).toEqual(['10.1.0.0/16'])
    expect(await networks('proto static')).toEqual(['10.1.2.0/24'])
    expect(await networks('src 10.0.0.1')).toEqual(['10.0.0.0/24', '10.2.0.0/16'])
    expect((await netkit('route show root 10.0.0.0/8 match 10.0.0.1')).err).toContain('exclude each other')
    await ok('route flush root 10.1.0.0/16')
    expect(await networks('inet')).toEqual(['10.0.0.0/24', '10.2.0.0/16'])
  })

  test("that lead nowhere are refused in the kernel's words", async () => {
    const { netkit } = await setup()
    expect((await netkit('route add 10.2.0.0/16 via 192.0.2.1')).err).toContain('Nexthop has invalid gateway')
    expect((await netkit('route del 10.2.0.0/16')).err).toContain('ESRCH')
    expect((await netkit('route add 10.2.0.1/16 dev d0')).err).toContain('10.2.0.0/16')
  })
})
