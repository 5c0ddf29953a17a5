import { embedded } from '@netkit/kernel'
import { RELEASES } from '@netkit/netlink'
import { connect } from 'netkit'
import { describe, expect, test } from 'vitest'

describe('the SDK on a kernel that answers as Linux 6.12', () => {
  test('finds out what it can do', async () => {
    const found = await Promise.all(
      RELEASES.map(async (release) => {
        await using kernel = await connect(embedded({ release }))
        return { release: kernel.release, ...(await kernel.features.all()) }
      }),
    )
    const always = { netkit: true, scrub: true, netdev: true, ethtool: true }
    expect(found).toEqual([
      { release: '6.12', ...always, headroom: false, single: false, leases: false },
      { release: '7.3', ...always, headroom: true, single: true, leases: true },
    ])
  })

  test('refuses a release that it cannot answer as', async () => {
    await expect(connect(embedded({ release: '5.10' }))).rejects.toThrow(
      "no release '5.10': the kernel answers as 6.12 or 7.3",
    )
  })
})
