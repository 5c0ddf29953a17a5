import type { StreamHandle } from '@netkit/netlink'
import type { ZcrxReceiver } from 'netkit'
import { describe, expect, test } from 'vitest'
import { type LeaseAt, MemoryLog, Pod } from './zcrx/pod.ts'

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff)

/** Sends bytes and reads them as views; `seen` looks at each view while it is good. All of them, copied. */
async function carry(
  zc: ZcrxReceiver,
  { near, far }: { readonly near: StreamHandle; readonly far: StreamHandle },
  sent: Uint8Array,
  seen: (bytes: Uint8Array, at: number) => void = () => undefined,
): Promise<Uint8Array> {
  const sending = far.send(sent).then(() => far.shutdown(1))
  const got = new Uint8Array(sent.length)
  let at = 0
  for await (const bytes of zc.read(near)) {
    seen(bytes, at)
    got.set(bytes, at)
    at += bytes.length
  }
  await sending
  return got.subarray(0, at)
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, n) => byte === b[n])

describe.each<LeaseAt>(['peer', 'single'])('with the lease on the %s', (leaseAt) => {
  test('every byte is read where the NIC wrote it, and was never copied', async () => {
    await using pod = await Pod.make(leaseAt)
    await pod.lease()
    await using zc = await pod.open()
    const log = new MemoryLog(pod.kernel, zc.area.offset, zc.area.length)
    const sent = pattern(1 << 18)
    const before = pod.copies()
    let written = 0
    let copied = 0
    const got = await carry(zc, await pod.connect(), sent, (bytes) => {
      const at = bytes.byteOffset - zc.area.offset
      for (let n = at; n < at + bytes.length; n++) {
        if (log.dma[n] > 0) written++
        copied += log.copied[n]
      }
    })
    log.stop()
    expect(same(got, sent)).toBe(true)
    expect([written, copied]).toEqual([sent.length, 0])
    const after = pod.copies()
    // The sender's memory is linearized for its wire: that is not of the pod.
    for (const reason of ['fallback', 'unshare', 'expand', 'userOut']) {
      expect({ reason, bytes: after[reason] }).toEqual({ reason, bytes: before[reason] })
    }
    expect(zc.stats).toEqual({ copies: 0n, copiedBytes: 0n })
  })

  test('a reader that stops early gives back what it has not read', async () => {
    await using pod = await Pod.make(leaseAt)
    await pod.lease()
    // All streams together take more bufs than there are, and only the first view of each is looked at.
    await using zc = await pod.open()
    for (let n = 0; n < 16; n++) {
      const { near, far } = await pod.connect()
      await far.send(pattern(80 * 1400))
      let got = 0
      for await (const bytes of zc.read(near, { length: 80 * 1400 })) {
        got = bytes.length
        break
      }
      expect(got).toBeGreaterThan(0)
      await far.close()
      await near.close()
    }
    expect(zc.stats?.copiedBytes).toBe(0n)
  })
})
