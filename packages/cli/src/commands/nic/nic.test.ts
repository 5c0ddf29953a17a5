import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { after, shell } from '../../testing/shell.ts'

const capture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../../../examples/captures/${name}`, import.meta.url)))

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
      "DEV   TYPE  ID  PACKETS  BYTES  DROPS  ALLOC-FAIL
      eth0  rx     0       37  15234      0           0
      eth0  rx     1       57   7698      0           0
      eth0  rx     2        0      0      0           0
      eth0  rx     3       48   3844      0           0
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
    expect((await netkit('stats copies')).out).toMatchInlineSnapshot(`
      "DEV     DMA  HEADERS  COPIED
      eth0  26776        0       0
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

  test('an impaired wire', async () => {
    const netkit = shell()
    netkit.files.set('dns.pcapng', capture('dns.pcapng'))
    for (const line of [
      'nic add a',
      'nic add b to a',
      'link set a up',
      'link set b up',
      'nic impair a tx loss 50% 25% seed 3',
      'nic impair b rx duplicate 100% seed 4',
      'send a dns.pcapng count 40',
    ])
      expect(await netkit(line), line).toMatchObject({ status: 0, err: '' })
    expect((await netkit('nic impair a')).out).toMatchInlineSnapshot(`
      "DEV  WAY  LOST  DUPLICATED  CORRUPTED  REORDERED  OVERLIMIT  WAITING  IMPAIRMENT
      a    tx     20           0          0          0          0        0  loss 50% 25% seed 3
      "
    `)
    expect((await netkit('-j nic impair b')).out).toMatchInlineSnapshot(`
      "{"ifname":"b","rx":{"duplicate":"100%","seed":4,"lost":0,"duplicated":20,"corrupted":0,"reordered":0,"overlimit":0,"waiting":0}}
      "
    `)
    expect((await netkit('nic show')).out).toMatchInlineSnapshot(`
      "NIC  DEV  IFINDEX  PLAYED  BYTES  SENT  BYTES  FINISHED  IMPAIRMENTS
        1  a          2       0      0     0      0  yes       tx loss 50% 25% seed 3
        2  b          3       0      0     0      0  yes       rx duplicate 100% seed 4
      "
    `)
    await netkit('nic impair a none')
    expect((await netkit('nic impair a')).out).toBe('')
  })

  test.each([
    ['nic impair eth0 loss 101%', "loss: '101%' is not a share such as 1% or 0.5%"],
    ['nic impair eth0 loss 1% none', "'none' ends an impairment: it excludes all else"],
    ['nic impair eth0 delay 10', "delay: '10' is not a time such as 10ms, 250us or 1.5s"],
    ['nic impair eth0 delay 10ms 2ms 25% 3ms', "'3ms' is unknown here"],
    ['nic impair eth0 jitter 2ms', 'nic impair: jitter must be absent without delay'],
    ['nic impair eth0 rate 100', "rate: '100' is not a rate such as 100mbit"],
  ])('%s is refused', async (line, why) => {
    const netkit = shell()
    await netkit('nic add eth0')
    const { status, err } = await netkit(line)
    expect(err).toContain(why)
    expect(status).toBe(1)
  })
})
