import { NLCTRL } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { Bench } from '../../testing/bench.ts'
import { generic } from '../../testing/generic.ts'

describe('GETFAMILY', () => {
  const bench = new Bench()
  const get = (attrs: object, dump = false) => generic(bench, NLCTRL, NLCTRL.commands.getfamily, attrs, { dump })

  it('tells ids, commands and groups', () => {
    const [netdev] = get({ familyName: 'netdev' }).replies
    expect(netdev).toMatchObject({ familyName: 'netdev', version: 1, hdrsize: 0, maxattr: 0 })
    expect(netdev.ops.map((op: { id: number }) => op.id)).toEqual([1, 5, 9, 10, 11, 12, 13, 14, 15, 16])
    expect(netdev.ops[7].flags).toEqual(['admin-perm', 'cmd-cap-do', 'cmd-cap-haspol'])
    expect(netdev.mcastGroups.map((g: { name: string }) => g.name)).toEqual(['mgmt', 'page-pool'])
    expect(get({ familyId: netdev.familyId }).replies).toEqual([netdev])
  })

  it('lists all families', () => {
    expect(get({}, true).replies.map((f) => f.familyName)).toEqual(['nlctrl', 'netdev', 'ethtool'])
  })

  it('goes by the name where both are given', () => {
    expect(get({ familyId: 9999, familyName: 'nlctrl' }).replies[0].familyId).toBe(16)
  })

  it('has ops of ethtool up to the last of Linux 7.3', () => {
    const [{ ops }] = get({ familyName: 'ethtool' }).replies
    expect(ops.length).toBe(51)
    expect(ops.at(8)).toEqual({ id: 9, flags: ['cmd-cap-do', 'cmd-cap-dump', 'cmd-cap-haspol', 'uns-admin-perm'] })
  })
})
