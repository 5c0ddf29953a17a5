import { describe, expect, test } from 'vitest'
import { shell } from '../../testing/shell.ts'

/** A router between here and `pod`. */
const lab = async () => {
  const netkit = shell()
  for (const line of [
    'netns add router',
    'netns add pod',
    'link add nk0 type netkit up peer name eth0 netns router up',
    '-n router link add nk1 type netkit up peer name eth0 netns pod up',
    'addr add 10.0.0.1/24 dev nk0',
    'addr add fd00::1/64 dev nk0 nodad',
    '-n router addr add 10.0.0.254/24 dev eth0',
    '-n router addr add fd00::254/64 dev eth0 nodad',
    '-n router addr add 10.0.1.254/24 dev nk1',
    '-n router sysctl net.ipv4.ip_forward=1',
    '-n pod addr add 10.0.1.2/24 dev eth0',
    '-n pod route add default via 10.0.1.254',
    'route add 10.0.0.0/8 via 10.0.0.254',
  ])
    expect(await netkit(line), line).toMatchObject({ status: 0, err: '' })
  return netkit
}

const withoutTimes = (out: string): string =>
  out
    .replace(/time=[\d.]+ ms/g, 'time=T ms')
    .replace(/time \d+ms/, 'time Tms')
    .replace(/= [\d.]+\/[\d.]+\/[\d.]+\/[\d.]+ ms/, '= T ms')

describe('ping', () => {
  test('goes through a router, and says how long it took', async () => {
    const netkit = await lab()
    const { out, status } = await netkit('ping 10.0.1.2 -c 2 -i 0.01')
    expect(status).toBe(0)
    expect(withoutTimes(out)).toMatchInlineSnapshot(`
      "PING 10.0.1.2 (10.0.1.2) 56(84) bytes of data.
      64 bytes from 10.0.1.2: icmp_seq=1 ttl=63 time=T ms
      64 bytes from 10.0.1.2: icmp_seq=2 ttl=63 time=T ms

      --- 10.0.1.2 ping statistics ---
      2 packets transmitted, 2 received, 0% packet loss, time Tms
      rtt min/avg/max/mdev = T ms
      "
    `)
    const six = await netkit('ping fd00::254 -c 1 -s 2000')
    expect(withoutTimes(six.out)).toMatchInlineSnapshot(`
      "PING fd00::254 (fd00::254) 2000 data bytes
      2008 bytes from fd00::254: icmp_seq=1 ttl=64 time=T ms

      --- fd00::254 ping statistics ---
      1 packets transmitted, 1 received, 0% packet loss, time Tms
      rtt min/avg/max/mdev = T ms
      "
    `)
    expect((await netkit('-n pod ping 10.0.0.1 -c 1 -I eth0')).status).toBe(0)
  })

  test('tells who complains', async () => {
    const netkit = await lab()
    const { out, status } = await netkit('ping 10.9.0.1 -c 2 -i 0.01')
    expect(status).toBe(1)
    expect(withoutTimes(out)).toMatchInlineSnapshot(`
      "PING 10.9.0.1 (10.9.0.1) 56(84) bytes of data.
      From 10.0.0.254 icmp_seq=1 Destination Net Unreachable
      From 10.0.0.254 icmp_seq=2 Destination Net Unreachable

      --- 10.9.0.1 ping statistics ---
      2 packets transmitted, 0 received, +2 errors, 100% packet loss, time Tms
      "
    `)
    const lines = (await netkit('-j ping 10.9.0.1 -c 1')).out.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        type: 'error',
        from: '10.0.0.254',
        icmp_seq: 1,
        icmp: { type: 3, code: 0, info: 0 },
        errno: 'ENETUNREACH',
        message: 'Destination Net Unreachable',
      },
      expect.objectContaining({ type: 'statistics', packets_transmitted: 1, packets_received: 0, errors: 1 }),
    ])
  })

  test('gives up what nobody answers', async () => {
    const netkit = shell()
    await netkit('link add nk0 type netkit blackhole up peer name nk1 up')
    await netkit('addr add 10.0.0.1/24 dev nk0')
    const { out, status } = await netkit('-j ping 10.0.0.2 -c 1 -W 0.05')
    expect(status).toBe(1)
    expect(JSON.parse(out.split('\n')[0])).toEqual({ type: 'timeout', icmp_seq: 1 })
  })

  test('prints statistics when it is interrupted', async () => {
    const netkit = await lab()
    const stop = new AbortController()
    const running = netkit('ping 10.0.0.254', { interrupted: stop.signal })
    await new Promise((resolve) => setTimeout(resolve, 50))
    stop.abort()
    const { out, status } = await running
    expect(status).toBe(0)
    expect(out).toContain('\n1 packets transmitted, 1 received, 0% packet loss, time ')
  })

  test('ends with status 2 where the kernel refuses, and leaves Linux to its own ping', async () => {
    const netkit = shell()
    expect(await netkit('ping 10.0.0.1 -c 1')).toMatchObject({
      status: 2,
      err: 'Error: ping 10.0.0.1: ENETUNREACH: there is no route to it\n',
    })
    expect(await netkit('ping 10.0.0.1 -I none')).toMatchObject({ status: 2 })
    expect(await netkit('-k linux ping 10.0.0.1')).toMatchObject({
      status: 2,
      err: "Error: ping 10.0.0.1: EOPNOTSUPP: the machine's Linux has a command of its own: ping 10.0.0.1\n",
    })
    expect((await netkit('-dry-run ping 10.0.0.1')).err).toContain('ping has no dry run')
    expect((await netkit('ping somewhere')).err).toContain('an IP address such as')
  })
})
