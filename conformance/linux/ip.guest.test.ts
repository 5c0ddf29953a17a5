import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Outcome, run, netkit as words } from './command.ts'

const POD = 'ip-pod'
const folder = mkdtempSync(join(tmpdir(), 'netkit-'))
const inPod = (line: string): Promise<Outcome> => words('-n', POD, ...line.split(' '))

async function must(line: string): Promise<string> {
  const { status, out, err } = await inPod(line)
  expect(status, `${line}: ${err}`).toBe(0)
  return out
}

/** What only `ip route get` prints: who asks, and that it is the way of a packet. */
const OF_THE_ASKER = ['uid', 'cache']

/** What our command and `ip` print as JSON of the same, without the seconds that pass between them. */
async function both(ours: string, theirs = ours): Promise<[ours: unknown, theirs: unknown]> {
  const still = (text: string): unknown =>
    JSON.parse(text || '[]', (key, value) => {
      if (OF_THE_ASKER.includes(key)) return undefined
      return /_life_time$/.test(key) && value !== 0xffff_ffff ? 'passes' : value
    })
  const ip = await run('ip', '-n', POD, '-j', ...theirs.split(' '))
  expect(ip.status, `ip ${theirs}: ${ip.err}`).toBe(0)
  return [still(await must(`-j ${ours}`)), still(ip.out)]
}

/** All that `ip` shows, the command shows, too: keys that only newer releases of `ip` print may be more. */
async function sameAsIp(ours: string, theirs = ours): Promise<void> {
  const [mine, its] = await both(ours, theirs)
  expect(mine, ours).toMatchObject(its as object)
  expect((mine as unknown[]).length, ours).toBe((its as unknown[]).length)
}

beforeAll(async () => {
  expect(await words('netns', 'add', POD)).toMatchObject({ status: 0 })
  await must('link add d0 address 02:00:00:00:00:01 type dummy')
  await must('link add nk0 type netkit mode l2 peer name nk1')
  for (const device of ['d0', 'nk0', 'nk1', 'lo']) await must(`link set ${device} up`)
}, 60_000)
afterAll(async () => {
  await words('netns', 'del', POD)
}, 60_000)

describe.sequential('IP on the real kernel, by the words of ip', { timeout: 120_000 }, () => {
  test('addresses', async () => {
    await must('addr add 10.0.0.1/24 brd + dev d0')
    await must('addr add 10.0.0.2/24 dev d0 label d0:web valid_lft 1000 preferred_lft 500')
    await must('addr add 10.0.0.5 peer 10.0.0.6/32 dev d0 proto 77 metric 9')
    await must('-6 addr add 2001:db8::1/64 dev d0 nodad')
    await sameAsIp('addr show dev d0')
    await must('addr replace 10.0.0.1/24 dev d0 metric 5')
    await must('addr del 10.0.0.5 peer 10.0.0.6/32 dev d0')
    await must('addr flush dev d0 secondary')
    await sameAsIp('addr show dev d0')
    const again = await inPod('addr add 10.0.0.1/24 dev d0')
    expect(again).toMatchObject({ status: 2, err: expect.stringContaining('ipv4: Address already assigned') })
  })

  test('routes', async () => {
    await must('route add default via 10.0.0.254')
    await must('route add 10.5.0.0/16 via 10.0.0.9 metric 50 proto static mtu 1400')
    await must('route add 10.6.0.0/16 nexthop via 10.0.0.8 nexthop via 10.0.0.9 weight 3')
    await must('route add blackhole 192.0.2.0/24 table 100')
    await must('-6 route add 2001:db8:9::/48 via 2001:db8::9')
    await must('-6 route add unreachable 2001:db8:8::/48')
    await sameAsIp('-4 route show table all', '-4 route show table all')
    await sameAsIp('-6 route show root 2001:db8::/32')
    await sameAsIp('-4 route show match 10.5.6.7')
    await sameAsIp('route get 10.5.6.7')
    await sameAsIp('route get 10.5.6.7 fibmatch', 'route get fibmatch 10.5.6.7')
    expect(await must('route get 2001:db8:9::1')).toContain('via 2001:db8::9 dev d0')
    await must('route change 10.5.0.0/16 via 10.0.0.7 metric 50')
    await must('route replace default via 10.0.0.253')
    await must('route del 10.6.0.0/16')
    await must('-6 route del 2001:db8:9::/48')
    await sameAsIp('-4 route show')
    expect((await inPod('route change 10.9.0.0/16 dev d0')).err).toContain('ENOENT')
    expect((await inPod('route add 10.9.0.0/16 via 192.0.2.1')).err).toContain('Nexthop has invalid gateway')
  })

  test('neighbours', async () => {
    await must('neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev nk0')
    await must('neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 dev nk0 nud stale proto static')
    await must('neigh add 2001:db8::9 lladdr 02:00:00:00:00:0a dev nk0 router')
    await must('neigh add 10.0.0.7 dev nk0 proxy')
    await sameAsIp('-4 neigh show dev nk0 nud permanent nud stale', '-4 neigh show dev nk0')
    await sameAsIp('neigh show proxy')
    await sameAsIp('neigh get 10.0.0.9 dev nk0')
    await must('neigh change 10.0.0.9 lladdr 02:00:00:00:00:0b dev nk0')
    await must('neigh del 10.0.0.8 dev nk0')
    await must('neigh del 10.0.0.7 dev nk0 proxy')
    await sameAsIp('neigh show dev nk0 nud permanent')
    await must('neigh flush dev nk0 nud permanent')
    expect((await both('neigh show dev nk0 nud permanent'))[1]).toEqual([])
  })

  test('rules', async () => {
    await must('rule add from 10.1.0.0/16 table 100 priority 50')
    await must('rule add fwmark 0x10/0xf0 iif nk0 ipproto tcp dport 80-90 table 101')
    await must('rule add not to 192.0.2.1 uidrange 1000-1999 prohibit')
    await must('-6 rule add to 2001:db8::/32 suppress_prefixlength 0 table main')
    await sameAsIp('rule')
    await sameAsIp('-6 rule')
    await must('rule del priority 50')
    await must('-6 rule del to 2001:db8::/32')
    await sameAsIp('rule')
    await sameAsIp('-6 rule')
  })
})

const routed = (last: number, more: object) =>
  JSON.stringify({
    version: 1,
    set: 'routed',
    namespaces: {
      'ip-blue': {
        lo: { up: true, addresses: ['192.0.2.1/32'] },
        routes: [{ to: 'default', via: '10.44.0.1' }],
        rules: [],
      },
    },
    own: {
      routes: [{ to: '192.0.2.1/32', via: '10.44.0.2', metric: last }],
      rules: [{ priority: 4400, from: '10.44.0.2/32', table: 100 }],
    },
    pairs: {
      ipb0: {
        mode: 'l2',
        up: true,
        addresses: ['10.44.0.1/24', `10.44.0.${last}/24`, { address: '2001:db8:44::1/64', nodad: true }],
        peer: {
          name: 'eth0',
          netns: 'ip-blue',
          up: true,
          addresses: ['10.44.0.2/24'],
          neighbours: [{ to: `10.44.0.${last}`, lladdr: '02:00:00:00:00:09' }],
        },
        ...more,
      },
    },
  })

describe.sequential('declared addresses and routes on the real kernel', { timeout: 240_000 }, () => {
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const apply = async (path: string, ...options: string[]): Promise<string> => {
    const { status, out, err } = await words('apply', '-f', path, ...options)
    expect(status, err).toBe(0)
    return out
  }
  const exported = async (): Promise<string> => (await words('-j', 'export', 'set', 'routed')).out

  test('are brought about, and then nothing is left to do', async () => {
    const path = file('one.json', routed(10, {}))
    expect(await apply(path)).toContain('add rule priority 4400 from 10.44.0.2/32 table 100')
    expect(await apply(path)).toBe('nothing to do\n')
    expect((await words('diff', '-f', path)).out).toBe('0 differences\n')
    const shown = JSON.parse((await run('ip', '-j', '-4', 'addr', 'show', 'ipb0')).out)
    expect(shown[0].addr_info).toMatchObject([{ local: '10.44.0.1' }, { local: '10.44.0.10', secondary: true }])
    expect((await run('ip', '-n', 'ip-blue', 'route')).out).toMatch(/^default via 10.44.0.1 dev eth0 proto \d+/)
    expect((await run('ip', 'route', 'get', '192.0.2.1')).out).toContain('via 10.44.0.2 dev ipb0')
  })

  test('change into others, whatever the kernel takes along', async () => {
    const two = routed(11, {})
    const path = file('two.json', two.replace('["10.44.0.1/24","10.44.0.11/24"', '["10.44.0.11/24","10.44.0.1/24"'))
    await apply(path)
    expect(await apply(path)).toBe('nothing to do\n')
    const shown = JSON.parse((await run('ip', '-j', '-4', 'addr', 'show', 'ipb0')).out)
    expect(shown[0].addr_info).toMatchObject([{ local: '10.44.0.11' }, { local: '10.44.0.1', secondary: true }])
  })

  test('are exported, and give the same after everything was removed', async () => {
    const before = await exported()
    const path = file('exported.json', before)
    expect(await apply(file('nothing.json', '{"version":1,"set":"routed"}'), '--prune')).toContain('remove namespace')
    expect((await run('ip', 'rule')).out).not.toContain('4400')
    await apply(path)
    expect(await exported()).toBe(before)
    await apply(join(folder, 'nothing.json'), '--prune')
  })
})
