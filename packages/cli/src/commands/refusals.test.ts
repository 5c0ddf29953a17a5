import { describe, expect, test } from 'vitest'
import { shell } from '../testing/shell.ts'

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
