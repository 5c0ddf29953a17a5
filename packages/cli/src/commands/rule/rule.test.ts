import { describe, expect, test } from 'vitest'
import { shell } from '../../testing/shell.ts'

const setup = () => {
  const netkit = shell()
  const ok = async (line: string) => expect(await netkit(line), line).toEqual({ status: 0, out: '', err: '' })
  return { netkit, ok }
}

/** What `ip rule` of iproute2 prints of the same rules in a namespace of Linux. */
const SHOWN = [
  '0:\tfrom all lookup local',
  '100:\tfrom 10.0.0.0/8 to 192.0.2.1 tos 0x10 fwmark 0x10/0xff iif lo oif eth9 [detached] uidrange 0-0 ipproto tcp sport 80 dport 1000-2000 lookup 100 suppress_prefixlength 0 suppress_ifgroup 3 realms 1/2 proto static',
  '101:\tnot from 10.0.0.1 fwmark 0x7 lookup main',
  '102:\tfrom all goto 200 [unresolved]',
  '103:\tfrom all nop',
  '104:\tfrom all blackhole',
  '105:\tfrom all to 10.0.0.0/8 unreachable',
  '106:\tfrom all ipproto gre prohibit proto boot',
  '107:\tfrom all tos 0x04 fwmark 0/0x1 lookup 5 realms 3',
  '109:\tfrom all lookup [l3mdev-table]',
  '110:\tfrom all tun_id 77 lookup 9 realms 5',
  '32766:\tfrom all lookup main',
  '32767:\tfrom all lookup default',
]
const LINES = [
  'priority 100 from 10.0.0.0/8 to 192.0.2.1 tos 0x10 fwmark 0x10/0xff iif lo oif eth9 uidrange 0-0 ipproto tcp sport 80 dport 1000-2000 lookup 100 suppress_prefixlength 0 suppress_ifgroup 3 realms 1/2 protocol static',
  'priority 101 not from 10.0.0.1 fwmark 7 table main',
  'priority 102 goto 200',
  'priority 103 nop',
  'priority 104 blackhole',
  'priority 105 from 0/0 to 10.0.0.0/8 unreachable',
  'priority 106 prohibit ipproto 47 protocol boot',
  'priority 107 fwmark 0/1 lookup 5 realms 3 tos 4',
  'priority 109 l3mdev',
  'priority 110 realms 5 tun_id 77 table 9',
]

test('the option of a family stands for the word', async () => {
  const netkit = shell()
  expect(await netkit('-6 rule add fwmark 7 table 9')).toEqual({ status: 0, out: '', err: '' })
  expect((await netkit('-6 rule')).out).toContain('from all fwmark 0x7 lookup 9')
  expect((await netkit('-4 rule')).out).not.toContain('fwmark')
  expect((await netkit('-family inet6 rule show')).out).toBe((await netkit('rule show inet6')).out)
})

describe('rules', () => {
  test('are shown as ip shows them', async () => {
    const { netkit, ok } = setup()
    for (const line of LINES) await ok(`rule add ${line}`)
    expect((await netkit('rule')).out.split('\n')).toEqual([...SHOWN, ''])
    const json: Record<string, unknown>[] = JSON.parse((await netkit('-j rule')).out)
    expect(json.slice(0, 4)).toEqual([
      { priority: 0, src: 'all', table: 'local' },
      {
        priority: 100,
        src: '10.0.0.0',
        srclen: 8,
        dst: '192.0.2.1',
        tos: '0x10',
        fwmark: '0x10',
        fwmask: '0xff',
        iif: 'lo',
        oif: 'eth9',
        oif_detached: null,
        uid_start: 0,
        uid_end: 0,
        ipproto: 'tcp',
        sport: 80,
        dport_start: 1000,
        dport_end: 2000,
        table: '100',
        suppress_prefixlen: 0,
        suppress_ifgroup: '3',
        flow_from: '1',
        flow_to: '2',
        protocol: 'static',
      },
      { priority: 101, not: null, src: '10.0.0.1', fwmark: '0x7', table: 'main' },
      { priority: 102, src: 'all', goto: 200, unresolved: null },
    ])
    expect((await netkit('-d rule show table local')).out).toBe('0:\tfrom all lookup local proto kernel\n')
    expect((await netkit('rule show protocol boot table 254')).out).toBe('')
  })

  test('of IPv6 are a list of their own', async () => {
    const { netkit, ok } = setup()
    await ok('rule add priority 5 from 2001:db8::/32 to 2001:db8::1 dport 53 lookup 1000')
    await ok('rule add inet6 priority 6 dscp 10 blackhole')
    expect((await netkit('rule show inet6')).out).toBe(
      [
        '0:\tfrom all lookup local',
        '5:\tfrom 2001:db8::/32 to 2001:db8::1 dport 53 lookup 1000',
        '6:\tfrom all blackhole dscp 10',
        '32766:\tfrom all lookup main',
        '',
      ].join('\n'),
    )
    expect((await netkit('rule show table 1000')).out).toBe('')
  })

  test('go by what is said of them, or all together', async () => {
    const { netkit, ok } = setup()
    for (const line of LINES) await ok(`rule add ${line}`)
    for (const line of LINES) {
      await ok(`rule del ${line}`)
      await ok(`rule add ${line}`)
    }
    await ok('rule del fwmark 7')
    expect((await netkit('rule')).out).not.toContain('101:')
    await ok('rule del dport 1000-2000')
    expect((await netkit('rule')).out).not.toContain('100:')
    await ok('rule flush')
    expect((await netkit('rule')).out).toBe('0:\tfrom all lookup local\n')
  })

  test('lead routes to tables', async () => {
    const { netkit, ok } = setup()
    await ok('link add d0 type dummy')
    await ok('link set d0 up')
    await ok('addr add 10.0.0.1/24 dev d0')
    await ok('route add 192.0.2.0/24 via 10.0.0.9 table 100')
    expect((await netkit('route get 192.0.2.1')).err).toContain('ENETUNREACH')
    await ok('rule add to 192.0.2.0/24 table 100')
    expect((await netkit('route get 192.0.2.1')).out).toContain('192.0.2.1 via 10.0.0.9 dev d0')
  })

  test('that cannot be are refused, what is wrong with the words before the kernel is asked', async () => {
    const { netkit, ok } = setup()
    await ok('rule add priority 10 from 10.0.0.0/8 table 7')
    expect((await netkit('rule add priority 10 from 10.0.0.0/8 table 7')).err).toContain('EEXIST')
    expect((await netkit('rule del priority 11')).err).toContain('ENOENT')
    expect((await netkit('rule add priority 10 goto 9')).err).toContain('Backward goto not supported')
    expect((await netkit('rule add tos 1')).err).toContain('ECN bits must be 0')
    expect(await netkit('rule del')).toMatchObject({ status: 1, err: expect.stringContaining('say which rule') })
    for (const wrong of [
      'nop table 7',
      'goto 5 blackhole',
      'inet from 2001:db8::/32',
      'sport 80-',
      'fwmark 1/',
      'realms 1/2/3',
    ])
      expect(await netkit(`rule add ${wrong}`), wrong).toMatchObject({ status: 1, out: '' })
  })
})
