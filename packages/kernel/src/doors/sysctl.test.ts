import { RT_LINK } from '@netkit/netlink'
import { expect, it } from 'vitest'
import { forwards4 } from '../net/forwarding.ts'
import { linkRequest, must } from '../testing/bench.ts'
import { Network } from '../testing/network.ts'
import { openDoors } from './open.ts'

it('settings of a namespace by their names', async () => {
  const net = new Network()
  const { ns: a } = net.namespace()
  const { ns: b } = net.namespace()
  const [here] = net.pair(a, b)
  const process = net.kernel.createProcess({ ns: a })
  await using doors = openDoors(net.kernel, process)
  const sysctl = doors.sysctl!
  expect(await sysctl.read('net.ipv4.ip_forward')).toBe('0')
  await sysctl.write('net.ipv4.ip_forward', '1')
  expect(await sysctl.read('net.ipv4.conf.eth0.forwarding')).toBe('1')
  expect(forwards4(here)).toBe(true)
  const [later] = net.pair(a, b, { nameA: 'eth1', nameB: 'eth1' })
  expect(forwards4(later)).toBe(true)
  await sysctl.write('net.ipv4.conf.eth0.forwarding', '0')
  expect(forwards4(here)).toBe(false)
  expect(b.settings.forwardAll4).toBe(0)
  await expect(sysctl.write('net.ipv4.ip_default_ttl', '256')).rejects.toMatchObject({ code: 'EINVAL' })
  await expect(sysctl.read('net.ipv4.no_such')).rejects.toMatchObject({ code: 'ENOENT' })
  expect(must(net.route(a), linkRequest(RT_LINK.getlink, {}, { ifindex: later.ifindex })).replies).toHaveLength(1)
})
