import { describe, expect, it } from 'vitest'
import { CHANNELS, Data, decodeAttrs, ETHTOOL, fromHex, layoutOf, NETLINK_GENERIC, RINGS } from '../../index.ts'

describe('ethtool', () => {
  const name = (command: number, fromKernel: boolean) =>
    layoutOf(NETLINK_GENERIC, 23, command, () => ETHTOOL, fromKernel)?.c

  it('tells requests from what the kernel sends under the same number', () => {
    expect(name(17, false)).toBe('ETHTOOL_MSG_CHANNELS_GET')
    expect(name(18, false)).toBe('ETHTOOL_MSG_CHANNELS_SET')
    expect(name(18, true)).toBe('ETHTOOL_MSG_CHANNELS_GET')
    expect(name(19, true)).toBe('ETHTOOL_MSG_CHANNELS_NTF')
    expect(name(12, true)).toBe('ETHTOOL_MSG_FEATURES_SET')
  })

  it('gives every message that the kernel sends one meaning', () => {
    const sent = Object.values(ETHTOOL.commands)
      .map((c) => c.replyId ?? c.id)
      .filter((id) => id !== 0)
    expect(new Set(sent).size).toBe(sent.length)
  })

  it('decodes channels and rings', () => {
    const channels = fromHex('180001800800010002000000090002006574683000000000 0800050004000000 0800090004000000')
    expect(decodeAttrs(CHANNELS, new Data(channels), 0, channels.length)).toEqual({
      header: { devIndex: 2, devName: 'eth0' },
      combinedMax: 4,
      combinedCount: 4,
    })
    const split = fromHex('05000b0002000000')
    expect(decodeAttrs(RINGS, new Data(split), 0, split.length)).toEqual({ tcpDataSplit: 'enabled' })
  })
})
