import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { after, shell } from '../../testing/shell.ts'

const capture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../../../examples/captures/${name}`, import.meta.url)))

describe('events and packets', () => {
  test('monitor shows what happens until it is interrupted', async () => {
    const netkit = shell()
    const stop = new AbortController()
    const running = netkit('-ts monitor link nsid', { interrupted: stop.signal })
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (const line of [
      'netns add pod',
      'link add nk0 type netkit mode l3 peer name nk1',
      'link set nk1 netns pod',
      'link del nk0',
    ])
      await netkit(line)
    await new Promise((resolve) => setTimeout(resolve, 50))
    stop.abort()
    const { status, out } = await running
    expect(status).toBe(0)
    const lines = out.split('\n').filter((line) => line.startsWith('['))
    expect(lines.every((line) => /^\[1970-01-01T\d\d:00:00\.000000\] /.test(line))).toBe(true)
    expect(lines.map((line) => line.slice(29).split('>')[0])).toMatchInlineSnapshot(`
      [
        "2: nk1@NONE: <BROADCAST,MULTICAST,NOARP",
        "3: nk0@nk1: <BROADCAST,MULTICAST,NOARP,M-DOWN",
        "nsid 0 (iproute2 netns name: pod)",
        "Deleted 2: nk1@nk0: <BROADCAST,MULTICAST,NOARP,M-DOWN",
        "Deleted 3: nk0@NONE: <BROADCAST,MULTICAST,NOARP",
      ]
    `)
  })

  test('capture writes a file, or shows packets', async () => {
    const netkit = shell()
    netkit.files.set('ping.pcap', capture('ping.pcap'))
    for (const line of ['link add nk0 type netkit mode l2 peer name nk1 up', 'link set nk0 up']) await netkit(line)
    const written = netkit('capture nk1 -w seen.pcapng -c 3')
    const shown = netkit('capture any -c 2')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect((await netkit('send nk0 ping.pcap count 4')).out).toBe('4 of 4 packets sent\n')
    expect((await written).err).toBe('3 packets captured\n')
    expect((await shown).out.split('\n')[0]).toMatch(/nk0 ICMP \d+\.\d+\.\d+\.\d+ > \d+\.\d+\.\d+\.\d+, length \d+$/)
    const file = netkit.files.get('seen.pcapng')!
    expect([...file.subarray(0, 4)]).toEqual([0x0a, 0x0d, 0x0d, 0x0a])
  })

  test('trace shows the way of packets', async () => {
    const netkit = shell()
    netkit.files.set('ping.pcap', capture('ping.pcap'))
    for (const line of [
      'netns add pod',
      'link add nk0 type netkit mode l2 blackhole up peer name eth0 netns pod up',
      'link add nk1 type netkit mode l2 up peer name eth1 netns pod up',
    ])
      expect((await netkit(line)).err).toBe('')
    const stop = new AbortController()
    const traced = netkit('trace icmp and src host 10.20.0.11', { interrupted: stop.signal })
    const asJson = netkit('-j trace icmp and src host 10.20.0.11', { interrupted: stop.signal })
    await new Promise((resolve) => setTimeout(resolve, 50))
    await netkit('send nk0 ping.pcap count 2')
    await netkit('send nk1 ping.pcap count 1')
    await new Promise((resolve) => setTimeout(resolve, 50))
    stop.abort()
    const { out, err } = await traced
    expect(err).toBe('2 packets traced\n')
    expect(out.replace(/\d\d:\d\d:\d\d\.\d+ /g, '')).toMatchInlineSnapshot(`
      "packet 1: ICMP 10.20.0.11 > 10.20.0.1, length 98
        nk0 sends
        nk0 netkit policy: blackhole
      packet 3: ICMP 10.20.0.11 > 10.20.0.1, length 98
        nk1 sends
        pod/eth1 receives
        pod/eth1 drop reason: OTHERHOST
      "
    `)
    const [first] = (await asJson).out.split('\n')
    expect(JSON.parse(first)).toMatchObject({ packet: 1, device: 'nk0', event: 'sent', length: 98 })
    expect((await netkit('trace port')).err).toContain('filter, at 5: expected a port')
  })
})

test('families, XDP features, the kernel', async () => {
  expect(await after('family show')).toMatchInlineSnapshot(`
    "FAMILY   ID  VERSION  COMMANDS  GROUPS
    nlctrl   16        2         2  notify 16
    netdev   22        1        10  mgmt 6, page-pool 7
    ethtool  23        1        51  monitor 8
    "
  `)
  expect(await after('link add nk0 type netkit pairing single', 'dev show')).toMatchInlineSnapshot(`
    "DEV  XDP                          ZC-MAX-SEGS  RX-METADATA  XSK
    lo   -                                         -            -
    nk0  basic,redirect,xsk-zerocopy            1  -            -
    "
  `)
  expect(await after('kernel version')).toBe('embedded kernel, answers as Linux 7.3\n')
  expect(await after('--version')).toBe('netkit 1.2.3\n')
})
