import { parseCapture } from '@netkit/kernel'
import type { Kernel } from 'netkit'
import { type Exchange, HOST, PEER, POD, PRIMARY } from './pair.ts'

/** Frames through the pair of an embedded kernel. */
export const embeddedExchange =
  (kernel: Kernel): Exchange =>
  async (frames) => {
    const { namespaces, packets } = kernel.doors
    if (!packets) throw new Error('an embedded kernel has a door for packets')
    await using host = await namespaces.open({ name: HOST })
    await using pod = await namespaces.open({ name: POD })
    const seen: string[][] = []
    for (const frame of frames) {
      await using capture = await packets.capture({ namespace: pod, devices: [PEER], drops: false })
      await packets.transmit(PRIMARY, [frame], host).catch(() => 0)
      await capture.close()
      const chunks: Uint8Array[] = []
      for await (const chunk of capture.read()) chunks.push(chunk)
      const records = [...parseCapture(Buffer.concat(chunks))]
      seen.push(records.filter((r) => r.direction !== 'outbound').map((r) => Buffer.from(r.data).toString('hex')))
    }
    return seen
  }
