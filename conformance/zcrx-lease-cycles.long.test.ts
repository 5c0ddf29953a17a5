import type { StreamHandle } from '@netkit/netlink'
import { expect, test } from 'vitest'
import { OTHER_PORT, Pod } from './zcrx/pod.ts'

const CYCLES = 1000
const PART = 3000
/** Offsets in TCP_INFO: segments sent again, segments that came out of order. */
const TOTAL_RETRANS = 100
const RCV_OOOPACK = 224

const part = (from: number): Uint8Array => Uint8Array.from({ length: PART }, (_, n) => (from + n * 13) & 0xff)

async function infoOf(stream: StreamHandle, at: number): Promise<number> {
  const info = await stream.getsockopt(6, 11)
  return new DataView(info.buffer, info.byteOffset, info.byteLength).getUint32(at, true)
}

test('1,000 leases on a single device come and go while the pair carries a stream without a loss', async () => {
  await using pod = await Pod.make('single')
  const { near, far } = await pod.connect(OTHER_PORT)
  let parts = 0
  /** Both directions; what is sent in one step has arrived before the next one. */
  const carry = async (): Promise<void> => {
    const sent = part(parts++)
    for (const [from, to] of [
      [far, near],
      [near, far],
    ]) {
      expect(await from.send(sent)).toBe(PART)
      const got = await to.recv(2 * PART, { wait: false })
      expect(got.length === PART && got.every((byte, n) => byte === sent[n])).toBe(true)
    }
  }
  for (let n = 0; n < CYCLES; n++) {
    await carry()
    await pod.lease()
    await carry()
    const zc = await pod.open({ areaBytes: 64 * 4096, refillEntries: 64 })
    await carry()
    if (n % 2 === 0) await zc.close()
    await carry()
    await pod.sdk.devices.remove(pod.lessee, { in: 'pod' })
    await zc.close()
  }
  for (const stream of [near, far]) {
    expect(await infoOf(stream, TOTAL_RETRANS)).toBe(0)
    expect(await infoOf(stream, RCV_OOOPACK)).toBe(0)
  }
  expect(parts).toBe(4 * CYCLES)
  const inflight = [...pod.kernel.pagePools.all].map((pool) => (pool.provider ? pool.inflight : 0))
  expect(inflight.filter((count) => count > 0)).toEqual([])
})
