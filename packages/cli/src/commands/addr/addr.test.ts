import { describe, expect, test } from 'vitest'
import { after, shell } from '../../testing/shell.ts'

const UP = ['link add d0 address 02:00:00:00:00:01 type dummy', 'link set d0 up']

describe('addresses', () => {
  test('come with routes, and go with them', async () => {
    const netkit = shell()
    for (const line of [...UP, 'addr add 10.0.0.1/24 brd + dev d0', 'addr add 2001:db8::1/64 dev d0 nodad']) {
      expect(await netkit(line), line).toEqual({ status: 0, out: '', err: '' })
    }
    const { out } = await netkit('addr show d0')
    expect(out).toContain(
      '\n    inet 10.0.0.1/24 brd 10.0.0.255 scope global d0\n       valid_lft forever preferred_lft forever\n',
    )
    expect(out).toContain('\n    inet6 2001:db8::1/64 scope global nodad\n')
    expect(out).toContain('\n    inet6 fe80::ff:fe00:1/64 scope link proto kernel_ll\n')
    expect((await netkit('route show inet')).out).toBe('10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1\n')
    expect((await netkit('route show inet6')).out).toBe(
      '2001:db8::/64 dev d0 proto kernel metric 256 pref medium\nfe80::/64 dev d0 proto kernel metric 256 pref medium\n',
    )
    await netkit('addr flush d0')
    expect((await netkit('-j addr show d0')).out).toContain('"addr_info":[]')
    expect((await netkit('route show inet')).out).toBe('')
  })

  test('are told as JSON with the keys of iproute2', async () => {
    const out = await after(
      ...UP,
      'addr add 10.0.0.1/24 dev d0 valid_lft 1000 preferred_lft 500',
      '-j addr show d0 inet',
    )
    expect(JSON.parse(out)[0].addr_info).toEqual([
      {
        family: 'inet',
        local: '10.0.0.1',
        prefixlen: 24,
        scope: 'global',
        dynamic: true,
        label: 'd0',
        valid_life_time: 1000,
        preferred_life_time: 500,
      },
    ])
  })

  test('with another end are given and taken, and chosen by what they are', async () => {
    const netkit = shell()
    const lines = [
      ...UP,
      'addr add 10.0.0.1/24 dev d0',
      'addr add 10.0.0.2/24 dev d0 label d0:web valid_lft 100',
      'addr add 10.0.0.5 peer 10.0.0.6/32 dev d0 proto 77',
      '-6 addr add 2001:db8::1/64 dev d0 nodad',
    ]
    for (const line of lines) expect(await netkit(line), line).toEqual({ status: 0, out: '', err: '' })
    const brief = async (words: string) => (await netkit(`-br ${words}`)).out.replaceAll(/ +/g, ' ')
    expect(await brief('-4 addr show')).toBe('d0 UNKNOWN 10.0.0.1/24 10.0.0.5 peer 10.0.0.6/32 10.0.0.2/24\n')
    expect(await brief('addr show label d0:*')).toBe('d0 UNKNOWN 10.0.0.2/24\n')
    expect(await brief('addr show dynamic')).toBe('d0 UNKNOWN 10.0.0.2/24\n')
    expect(await brief('addr show secondary')).toBe('d0 UNKNOWN 10.0.0.2/24\n')
    expect(await brief('addr show to 2001:db8::/32')).toBe('d0 UNKNOWN 2001:db8::1/64\n')
    expect(await brief('-6 addr show scope link')).toBe('d0 UNKNOWN fe80::ff:fe00:1/64\n')
    expect(await brief('addr show to 192.0.2.0/24')).toBe('')
    expect(JSON.parse((await netkit('-j addr show d0')).out)[0].addr_info[1]).toMatchObject({
      local: '10.0.0.5',
      address: '10.0.0.6',
      prefixlen: 32,
      protocol: '0x4d',
    })
    expect((await netkit('addr del 10.0.0.5/32 dev d0')).err).toContain('Address not found')
    expect(await netkit('addr del 10.0.0.5 peer 10.0.0.6/32 dev d0')).toMatchObject({ status: 0 })
    await netkit('addr flush dev d0 to 10.0.0.2')
    expect(await brief('-4 addr show')).toBe('d0 UNKNOWN 10.0.0.1/24\n')
    expect((await netkit('addr add 10.0.0.9 peer fd00::1 dev d0')).err).toContain('peer must be of inet')
  })

  test("that cannot be are refused in the kernel's words", async () => {
    const netkit = shell()
    for (const line of UP) await netkit(line)
    await netkit('addr add 10.0.0.1/24 dev d0')
    expect((await netkit('addr add 10.0.0.1/24 dev d0')).err).toContain('ipv4: Address already assigned')
    expect((await netkit('addr del 10.0.0.2/24 dev d0')).err).toContain('ipv4: Address not found')
    expect(await netkit('addr add 10.0.0.1/33 dev d0')).toMatchObject({ status: 1, out: '' })
  })
})
