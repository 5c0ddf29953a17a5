/** Packets on their way through programs, as `npm run flame` looks at them. */
import { COPY, PacketBatch, setFrameHeaders } from '@netkit/kernel'
import { attach } from '../../bench/harness/attach.ts'
import { Client } from '../../bench/harness/client.ts'
import * as message from '../../bench/harness/messages.ts'

const BATCH = 64
const frame = new Uint8Array(64).fill(7)
frame.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0x45])

/** Marks packets by a word of theirs. */
const MARK = `
  r2 = *(u32 *)(r1 + 76); r3 = *(u32 *)(r1 + 80); r4 = r2; r4 += 34; r0 = 2
  if r4 > r3 goto out
  r4 = *(u32 *)(r2 + 30); *(u32 *)(r1 + 8) = r4; r0 = 0
out:
  exit`

/** Sends packets: through a pair with a program that marks, and over a pair by redirect_peer into another. */
export async function scenario(): Promise<(count: number) => void> {
  const client = new Client()
  const { kernel, process: owner } = client
  const { packets } = kernel.path
  const pod = (name: string) => {
    const ns = kernel.createNamespace()
    client.ask(message.createPair(name, `${name}p`, { peerNsFd: owner.openNamespace(ns) }))
    client.ask(message.setUp(name))
    new Client(kernel, client.socket.protocol, ns).ask(message.setUp(`${name}p`))
    return { host: client.socket.ns.names.get(name)!, inside: ns.names.get(`${name}p`)! }
  }
  const [marked, first, second] = [pod('a'), pod('b'), pod('c')]
  await attach(kernel, owner, marked.host.ifindex, 'netkitPrimary', MARK)
  const hop = `r1 = ${second.host.ifindex}; r2 = 0; call redirect_peer; exit`
  await attach(kernel, owner, first.host.ifindex, 'tcxIngress', hop)
  const batch = new PacketBatch(BATCH)
  return (count) => {
    for (let i = 0; i < count; i++) {
      const handle = packets.allocFromArray(frame, COPY.userIn)
      setFrameHeaders(packets, handle)
      batch.push(handle)
      if (batch.count < BATCH) continue
      kernel.path.transmit((i & BATCH) === 0 ? marked.host : first.inside, batch)
    }
  }
}
