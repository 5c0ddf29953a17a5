import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { shell } from './testing/shell.ts'

const capture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../examples/captures/${name}`, import.meta.url)))

/** Runs lines that must succeed and gives what the last one printed. */
async function after(...lines: string[]): Promise<string> {
  const netkit = shell()
  let out = ''
  for (const line of lines) {
    const result = await netkit(line)
    expect({ line, ...result }).toMatchObject({ line, status: 0, err: '' })
    out = result.out
  }
  return out
}

const LAB = [
  'nic add eth0 queues 4 address 02:00:00:00:00:01',
  'link set eth0 up',
  'netns add pod',
  'link add nk0 address 02:00:00:00:00:02 netns pod numrxqueues 3 up type netkit mode l2 pairing single',
  'lease add dev nk0 netns pod from eth0 queue 3',
]

describe('leases', () => {
  test('both ends', async () => {
    expect(await after(...LAB, 'lease')).toMatchInlineSnapshot(`
      "LESSOR  QUEUE  LESSEE  QUEUE  NETNS
      eth0    rx 3   nk0     rx 1   pod
      "
    `)
    expect(await after(...LAB, '-j lease show nk0')).toMatchInlineSnapshot(`
      "[{"lessor":{"ifname":"eth0","ifindex":2,"queue":3},"lessee":{"ifname":"nk0","ifindex":2,"queue":1,"netns":"pod","netnsid":0}}]
      "
    `)
  })

  test('seen from the queues', async () => {
    expect(await after(...LAB, 'queue show eth0 type rx')).toMatchInlineSnapshot(`
      "DEV   TYPE  ID  NAPI  LEASED TO
      eth0  rx     0  8193
      eth0  rx     1  8194
      eth0  rx     2  8195
      eth0  rx     3  8196  nk0 rx 1 in pod
      "
    `)
    expect(await after(...LAB, '-j queue show eth0 id 3 type rx')).toMatchInlineSnapshot(`
      "[{"ifname":"eth0","ifindex":2,"type":"rx","id":3,"napi_id":8196,"lease":{"ifindex":2,"queue":{"id":1,"type":"rx"},"netns_id":0}}]
      "
    `)
    expect(await after(...LAB, '-n pod queue')).toMatchInlineSnapshot(`
      "DEV  TYPE  ID
      nk0  rx     0
      nk0  rx     1
      nk0  tx     0
      "
    `)
  })

  test('from the namespace of the lessee', async () => {
    const netkit = shell()
    for (const line of LAB.slice(0, -1)) await netkit(line)
    await netkit('netns add nics')
    await netkit('link set eth0 netns nics up')
    expect(await netkit('-n pod lease add nk0 from eth0 from-netns nics queue 0')).toEqual({
      status: 0,
      out: 'nk0 rx 1\n',
      err: '',
    })
    expect((await netkit('lease show')).out).toContain('nics')
  })

  test('what the kernel refuses', async () => {
    const netkit = shell()
    for (const line of LAB) await netkit(line)
    expect(await netkit('lease add dev nk0 netns pod from eth0 queue 3')).toMatchInlineSnapshot(`
      {
        "err": "Error: lease add nk0 from eth0: EBUSY: Device queue in use due to queue leasing
      ",
        "out": "",
        "status": 2,
      }
    `)
    expect(await netkit('lease add dev nk0 netns pod from eth0 queue 9')).toMatchInlineSnapshot(`
      {
        "err": "Error: lease add nk0 from eth0: ERANGE: a value is out of range (lease.queue.id, byte 52)
      ",
        "out": "",
        "status": 2,
      }
    `)
    expect(await netkit('channels set dev eth0 combined 2')).toMatchInlineSnapshot(`
      {
        "err": "Error: channels set eth0: EINVAL: Device queue in use due to queue leasing
      ",
        "out": "",
        "status": 2,
      }
    `)
  })
})

describe('the NIC', () => {
  test('plays a recording into its queues', async () => {
    const netkit = shell()
    netkit.files.set('http.pcapng', capture('http.pcapng'))
    const lines = [
      'nic add eth0 queues 4 wire http.pcapng out sent.pcapng',
      'link set eth0 up',
      'nic steer eth0 flow-type tcp4 dst-port 80 action 3',
      'nic rss eth0 equal 2',
      'nic play eth0',
    ]
    for (const line of lines) expect(await netkit(line), line).toMatchObject({ status: 0, err: '' })
    expect((await netkit('queue stats type rx')).out).toMatchInlineSnapshot(`
      "DEV   TYPE  ID  PACKETS  BYTES
      eth0  rx     0       42  10780
      eth0  rx     1       52  12152
      eth0  rx     2        0      0
      eth0  rx     3       48   3844
      "
    `)
    expect((await netkit('nic show')).out).toMatchInlineSnapshot(`
      "NIC  DEV   IFINDEX  PLAYED  BYTES  SENT  BYTES  FINISHED
        1  eth0        2     142  26776     0      0  yes
      "
    `)
    expect((await netkit('nic steer eth0 show')).out).toMatchInlineSnapshot(`
      "rule 0: flow-type tcp4 dst-port 80 action 3
      "
    `)
    const stats = JSON.parse((await netkit('-j stats eth0')).out)
    expect(stats).toMatchObject([{ ifname: 'eth0', rx_packets: 142, rx_bytes: 26_776, tx_packets: 0 }])
  })

  test('settings in the words of ethtool', async () => {
    const nic = 'nic add eth0 queues 8'
    expect(await after(nic, 'channels')).toMatchInlineSnapshot(`
      "DEV   CHANNELS  COUNT  MAX
      eth0  combined      8    8
      "
    `)
    expect(await after(nic, 'channels set dev eth0 combined 2', '-j channels show eth0')).toMatchInlineSnapshot(`
      "[{"ifname":"eth0","combined-max":8,"combined":2}]
      "
    `)
    expect(
      await after(nic, 'rings set eth0 rx 1024 tcp-data-split on hds-thresh 0', 'rings show eth0'),
    ).toMatchInlineSnapshot(`
      "DEV   SETTING         VALUE   MAX
      eth0  rx               1024  4096
      eth0  rx-mini             0  4096
      eth0  rx-jumbo            0  4096
      eth0  tx                512  4096
      eth0  tx-push           off
      eth0  rx-push           off
      eth0  tcp-data-split     on
      eth0  hds-thresh          0  1024
      "
    `)
    expect(await after(nic, 'features set eth0 gro off', 'features show eth0')).toContain('rx-gro: off\n')
    expect(await after(nic, 'nic rss eth0 weights 1,0,3', '-j nic rss eth0')).toMatch(
      /"rss-indirection-table":\[(0,){32}(2,){95}2\]/,
    )
    expect(
      await after(
        nic,
        'link set eth0 up',
        'nic steer eth0 flow-type udp4 src-ip 10.0.0.0/8 dst-port 53 dst-port-mask 0xff action -1 loc 7',
        '-j nic steer eth0',
      ),
    ).toMatchInlineSnapshot(`
      "[{"ifname":"eth0","loc":7,"flow-type":"udp4","src-ip":"10.0.0.0/8","dst-port":53,"dst-port-mask":255,"action":-1}]
      "
    `)
  })

  test('two of them back to back', async () => {
    const netkit = shell()
    netkit.files.set('dns.pcapng', capture('dns.pcapng'))
    for (const line of ['nic add a', 'nic add b to a', 'link set a up', 'link set b up', 'send a dns.pcapng count 5'])
      await netkit(line)
    expect((await netkit('stats')).out).toMatchInlineSnapshot(`
      "DEV  RX-PACKETS  RX-BYTES  RX-DROPPED  RX-ERRORS  TX-PACKETS  TX-BYTES  TX-DROPPED  TX-ERRORS
      lo            0         0           0          0           0         0           0          0
      a             0         0           0          0           5       498           0          0
      b             5       498           0          0           0         0           0          0
      "
    `)
  })
})

describe('devices', () => {
  test('a pair over two namespaces, with the words of both ends', async () => {
    const add =
      'link add nk0 mtu 9000 up type netkit peer name eth0 netns pod mtu 1400 up policy blackhole scrub none mode l2 headroom 16 policy forward'
    const out = await after('netns add pod', add, '-j -d -n pod link show eth0')
    expect(JSON.parse(out)[0]).toMatchObject({
      ifname: 'eth0',
      mtu: 1400,
      operstate: 'UP',
      linkinfo: {
        info_data: {
          mode: 'l2',
          type: 'peer',
          policy: 'blackhole',
          peer_policy: 'forward',
          scrub: 'none',
          peer_scrub: 'default',
          headroom: 16,
        },
      },
    })
  })

  test('a device that is made elsewhere leaves its peer here, as with ip', async () => {
    expect(
      JSON.parse(await after('netns add pod', 'link add nk0 netns pod type netkit peer name nk1', '-j link show nk1')),
    ).toMatchObject([{ link_netnsid: 0 }])
    expect(
      JSON.parse(await after('netns add pod', 'link add a0 netns pod type netkit', '-j -n pod link')),
    ).toHaveLength(3)
  })

  test('are changed, moved, renamed, removed', async () => {
    const netkit = shell()
    const ok = async (line: string) => expect(await netkit(line), line).toEqual({ status: 0, out: '', err: '' })
    await ok('netns add pod')
    await ok('link add nk0 group 7 type netkit peer name nk1 group 7')
    await ok('l set nk0 mtu 2000 alias "two words" promisc on')
    await ok('link set nk0 type netkit blackhole peer policy forward')
    await ok('link property add dev nk0 altname one two')
    await ok('link property del nk0 altname two')
    await ok('link set dev one netns pod name moved up new-ifindex 42')
    const [link] = JSON.parse((await netkit('-j -d -n pod link show moved')).out)
    expect(link).toMatchObject({
      ifindex: 42,
      ifname: 'moved',
      mtu: 2000,
      group: '7',
      ifalias: 'two words',
      altnames: ['one'],
      linkinfo: { info_data: { policy: 'blackhole' } },
    })
    expect(link.flags).toContain('UP')
    await ok('-n pod link del group 7')
    expect(JSON.parse((await netkit('-j link')).out)).toHaveLength(1)
  })

  test('a failure in the middle says what was done', async () => {
    const netkit = shell()
    for (const line of ['netns add pod', 'link add nk0 type netkit peer name nk1']) await netkit(line)
    expect(await netkit('link set nk0 netns pod mtu 10')).toMatchInlineSnapshot(`
      {
        "err": "Error: device set nk0: EINVAL: mtu less than device minimum; left behind: nk0 has been moved
      ",
        "out": "",
        "status": 2,
      }
    `)
  })
})

describe('namespaces', () => {
  test('add, list, ids, identify, exec, del', async () => {
    const netkit = shell()
    for (const line of ['netns add b', 'netns add a', 'netns set a 5', 'netns set b auto'])
      expect((await netkit(line)).status).toBe(0)
    expect((await netkit('netns')).out).toBe('a (id: 5)\nb (id: 0)\n')
    expect((await netkit('-j netns list')).out).toBe('[{"name":"a","id":5},{"name":"b","id":0}]\n')
    expect((await netkit('netns list-id')).out).toBe(
      'nsid 0 (iproute2 netns name: b)\nnsid 5 (iproute2 netns name: a)\n',
    )
    expect((await netkit('netns exec a netns identify')).out).toBe('a\n')
    expect((await netkit('netns exec a ip -br link')).out).toBe(
      'lo               DOWN           00:00:00:00:00:00 <LOOPBACK>\n',
    )
    expect((await netkit('netns exec nosuch link')).status).toBe(2)
    expect((await netkit('netns exec a link foo')).status).toBe(1)
    expect((await netkit('netns del a b')).status).toBe(0)
    expect((await netkit('netns')).out).toBe('')
  })
})

describe('what cannot be', () => {
  test.each([
    'link show nosuch',
    'link add nk0 type netkit',
    'link set nosuch up',
    'link add nk0 type netkt',
    'link add nk0 mtu 12x type netkit',
    'link add nk0 address 02:00:00:00:00:01 type netkit',
    'link add nk0 type netkit pairing single scrub none',
    'link set lo netns pod',
    'link del lo',
    'link set lo',
    'link add nk0 type netkit forward policy blackhole',
    'channels set dev lo combined 2',
    'lease add dev lo from lo queue 0',
    'nic del eth7',
    'lease del nk0 queue 1',
    '-n nosuch link',
    'nonsense',
    'link nonsense',
    'kernel start',
    '-batch nosuch',
    'nic rss lo equal 0',
    'features set lo gro maybe',
  ])('%s', async (line) => {
    const { status, err, out } = await shell()(line)
    expect(out).toBe('')
    expect(`${status}: ${err}`).toMatchSnapshot()
  })
})

describe('batch', () => {
  const lines = [
    '# a comment',
    'link add nk0 type netkit peer name nk1',
    '',
    'link add nk0 type netkit',
    'link add nk5 alias "a b" \\',
    '  type netkit',
    '-j link show nk5',
  ]
  const batch = async (options: string) => {
    const netkit = shell()
    netkit.files.set('lines', new TextEncoder().encode(lines.join('\n')))
    const result = await netkit(`${options}-batch lines`)
    return { ...result, links: JSON.parse((await netkit('-j link')).out).length }
  }

  test('ends at the first failure', async () => {
    expect(await batch('')).toEqual({
      status: 2,
      out: '',
      links: 3,
      err: 'Error: device add nk0: EEXIST: it exists already\nCommand failed lines:4\n',
    })
  })

  test('goes on with -force', async () => {
    const { status, out, links, err } = await batch('-force ')
    expect({ status, links }).toEqual({ status: 2, links: 5 })
    expect(err).toContain('Command failed lines:4\n')
    expect(JSON.parse(out)).toMatchObject([{ ifname: 'nk5', ifalias: 'a b' }])
  })
})

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

test('completion of names, from the kernel', async () => {
  const netkit = shell()
  for (const line of [
    'netns add pod',
    'link add nk0 type netkit peer name nk1',
    'link property add nk0 altname other',
    '-n pod link add inside type dummy',
    'nic add eth0',
  ])
    await netkit(line)
  const words = async (line: string) =>
    (await netkit(`__complete ${line}`)).out.split('\n').map((l) => l.split('\t')[0])
  expect(await words('link set n')).toEqual(expect.arrayContaining(['nk0', 'nk1']))
  expect(await words('link set o')).toContain('other')
  expect(await words('-n pod link show i')).toEqual(['inside', ''])
  expect(await words('link set nk0 netns p')).toEqual(['pod', ''])
  expect(await words('nic play e')).toEqual(['eth0', ''])
  expect(await words("replay ''")).toContain(':file')
  expect((await netkit('__complete link ad')).out).toBe('add\tmake a device, or a pair of them\n')
})

test('control characters in names and aliases do not reach the terminal', async () => {
  const out = await after(
    "link add d0 alias 'red \u001b[31m' type dummy",
    "link property add d0 altname 'x\u0007'",
    'link show d0',
  )
  expect(out).toContain('alias red \\x1b[31m\n')
  expect(out).toContain('altname x\\x07\n')
  const { err } = await shell()('link show \u001b]0;title')
  expect(err).toContain('\\x1b]0;title')
})
