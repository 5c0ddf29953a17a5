import { refused } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import { LEASED, shell } from '../testing/shell.ts'
import { removing } from './removing.ts'
import type { Session } from './session.ts'

/** Pairs and single devices over three namespaces that lease from eth0 and eth1. */
const BENCH = [
  ...LEASED,
  'netns add other',
  'link add p0 type netkit mode l2 peer name p1 numrxqueues 2 netns other',
  'lease add dev p1 netns other from eth0 queue 1',
  'nic add eth1 queues 2 address 02:00:00:00:00:03',
  'link set eth1 netns pod',
  '-n pod link set eth1 up',
  '-n pod link add q0 group 7 numrxqueues 2 type netkit pairing single',
  '-n pod lease add dev q0 from eth1 queue 0',
  'link add v0 type veth peer name v1',
  'link add d0 type dummy',
]

async function bench() {
  const netkit = shell()
  for (const line of BENCH) expect(await netkit(line), line).toMatchObject({ status: 0, err: '' })
  return netkit
}

describe('what goes along is said', () => {
  test.each<[line: string, said: string]>([
    ['link del d0', ''],
    ['link del v0', 'Also removed v1: the other end of v0\n'],
    [
      'link del p0',
      'Also removed p1 in other: the other end of p0\nEnded the lease of eth0 rx 1 to p1 rx 1 in other\n',
    ],
    [
      '-n other link del p1',
      'Also removed p0 here: the other end of p1\nEnded the lease of eth0 rx 1 to p1 rx 1 in other\n',
    ],
    ['-n pod link del nk0', 'Ended the lease of eth0 rx 3 to nk0 rx 1 in pod\n'],
    ['-n pod link del group 7', 'Ended the lease of eth1 rx 0 in pod to q0 rx 1 in pod\n'],
    [
      'nic del eth0',
      [
        'Also removed p1 in other: leases from eth0',
        'Also removed p0: the other end of p1',
        'Also removed nk0 in pod: leases from eth0',
        'Ended the lease of eth0 rx 1 to p1 rx 1 in other',
        'Ended the lease of eth0 rx 3 to nk0 rx 1 in pod\n',
      ].join('\n'),
    ],
    [
      'nic del eth1',
      'Also removed q0 in pod: leases from eth1\nEnded the lease of eth1 rx 0 in pod to q0 rx 1 in pod\n',
    ],
    [
      'netns del other',
      [
        'Also removed p1 in other: lives in other',
        'Also removed p0 here: the other end of p1',
        'Ended the lease of eth0 rx 1 to p1 rx 1 in other\n',
      ].join('\n'),
    ],
    [
      'netns del pod',
      [
        'Also removed nk0 in pod: lives in pod',
        'Also removed q0 in pod: lives in pod',
        'Ended the lease of eth0 rx 3 to nk0 rx 1 in pod',
        'Ended the lease of eth1 rx 0 in pod to q0 rx 1 in pod',
        'Went back to the initial namespace: eth1\n',
      ].join('\n'),
    ],
  ])('netkit %s', async (line, said) => {
    const netkit = await bench()
    const dry = await netkit(`-dry-run ${line}`)
    const before = (await netkit('-br link')).out + (await netkit('lease')).out
    const devices = async () => {
      let all = ''
      for (const ns of ['', '-n pod ', '-n other ']) all += (await netkit(`-br ${ns}link`)).out
      return all
    }
    const there = await devices()
    expect(before).not.toBe('')
    expect(await netkit(line)).toEqual({ status: 0, out: '', err: said })
    const left = await devices()
    for (const [, name] of said.matchAll(/^Also removed (\S+?):? /gm)) {
      expect(there).toMatch(new RegExp(`^${name}[@ ]`, 'm'))
      expect(left).not.toMatch(new RegExp(`^${name}[@ ]`, 'm'))
    }
    const leases = (await netkit('lease')).out
    for (const [, lessor, queue] of said.matchAll(/^Ended the lease of (\S+) rx (\d+)/gm))
      expect(leases).not.toMatch(new RegExp(`^${lessor} +rx ${queue} `, 'm'))
    const would = said
      .replaceAll('Also removed', 'Would also remove')
      .replaceAll('Ended the lease', 'Would end the lease')
      .replaceAll('Went back', 'Would go back')
    expect(dry).toMatchObject({ status: 0, err: would })
  })

  test('as records with -j', async () => {
    const netkit = await bench()
    const dry = JSON.parse((await netkit('-j -dry-run link del p0')).out)
    expect(dry).toMatchObject([{ request: 'RTM_DELLINK' }, { also_removed: [{ ifname: 'p1' }] }])
    const { out, err } = await netkit('-j link del p0')
    expect(err).toBe('')
    expect(JSON.parse(out)).toEqual([
      {
        also_removed: [
          {
            ifname: 'p1',
            ifindex: expect.any(Number),
            netns: 'other',
            netnsid: expect.any(Number),
            because: 'peer',
            of: 'p0',
          },
        ],
        leases_ended: [
          {
            lessor: { ifname: 'eth0', ifindex: 2, queue: 1 },
            lessee: {
              ifname: 'p1',
              ifindex: expect.any(Number),
              queue: 1,
              netns: 'other',
              netnsid: expect.any(Number),
            },
          },
        ],
        returned: [],
      },
    ])
    expect(await netkit('-j link del d0')).toEqual({ status: 0, out: '', err: '' })
  })

  test('where a lease is to be ended by itself', async () => {
    const netkit = await bench()
    const { status, err } = await netkit('-n pod lease del nk0')
    expect(status).toBe(1)
    expect(err).toContain('there is no way to end a single lease: remove the lessee, with netkit link del nk0')
    expect(err).toContain('Hint: Would end the lease of eth0 rx 3 to nk0 rx 1 in pod\n')
  })

  test('what cannot be found out does not keep from removing', async () => {
    const netkit = shell()
    const refusing = async () => Promise.reject(refused('look around', 'ENOMEM'))
    const lines: string[] = []
    const session = { context: { writeError: (text: string) => lines.push(text) } } as unknown as Session
    let removed = false
    await removing(session, refusing, async () => {
      removed = true
    })
    expect({ removed, lines }).toEqual({
      removed: true,
      lines: [expect.stringContaining('Warning: what goes along is not known: look around: ENOMEM')],
    })
    expect(await netkit('link del nosuch')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^Error: device remove nosuch: ENODEV/),
    })
  })

  test('nothing is said of what the kernel refuses', async () => {
    const netkit = await bench()
    const { status, err } = await netkit('link del eth0')
    expect({ status, lines: err.split('\n').length }).toEqual({ status: 2, lines: 2 })
  })
})
