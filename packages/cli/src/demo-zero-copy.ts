/** The two receivers of the demonstration that get a pod's packets where the NIC has written them: AF_XDP and io_uring. */
import { assemble, encode } from '@netkit/bpf'
import { FrameBatch, type Kernel } from 'netkit'

export interface Stage {
  readonly connection: Kernel
  say(text: string): void
  write(text: string): void
  /** Runs a line as a user would type it. */
  type(line: string): Promise<void>
}

const BATCH = 64
const QUIET_MS = 200
/** A queue without a socket: the host has the frame. */
const TO_ITS_SOCKET = 'r2 = *(u32 *)(r1 + 16); r1 = map[fd:%]; r3 = 2; call redirect_map; exit'
const POD_ADDRESS = '10.1.0.2'
const PORT = 7000
const STREAM_BYTES = 64 << 20
const CHUNK_BYTES = 1 << 20
const BITS = 8

/** The leased queue 7 of eth0, which is queue 1 of nk1 in the pod, by AF_XDP. The recording arrives. */
export async function receiveByAfXdp({ connection, say, write, type }: Stage): Promise<void> {
  say('Zero copy, by AF_XDP: an application in the pod has its own memory behind the leased queue.')
  using socket = await connection.xsk.open({ device: 'nk1', queue: 1, in: 'pod', mode: 'zero-copy' })
  const sockets = await connection.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 8 })
  await sockets.update(7, socket.fd)
  const code = encode(assemble(TO_ITS_SOCKET.replace('%', String(sockets.fd))))
  const program = await connection.bpf.loadProgram(code, { type: 'xdp', name: 'to_its_socket' })
  await connection.bpf.attachXdp(program, { device: 'eth0', mode: 'native' })
  await type('lease show')
  const playing = type('nic play eth0')
  const { rings } = socket
  const batch = new FrameBatch(BATCH)
  let frames = 0
  while (await socket.readable(QUIET_MS)) {
    for (let n = rings.receive(batch); n > 0; n = rings.receive(batch)) {
      frames += n
      rings.release(batch)
    }
  }
  await playing
  write(`${frames} frames read where the NIC wrote them; ${socket.statistics().rxDropped} dropped\n`)
  await connection.bpf.detachXdp({ device: 'eth0', mode: 'native' })
  await type('stats copies')
  if (frames === 0) throw new Error('nothing was received by AF_XDP')
}

/** A stream from another machine, through a NIC of its own, whose queue 3 is leased to a single device in the pod. */
export async function receiveByIoUring({ connection, say, write, type }: Stage): Promise<void> {
  say(
    'Zero copy, by io_uring: a stream of TCP from another machine, through the pair, into the memory of an application in the pod.',
  )
  for (const line of [
    'nic add eth1 queues 4',
    'netns add far',
    'nic add far0 netns far',
    'nic wire eth1 to far0',
    'link add nk2 type netkit peer name eth1 netns pod',
    '-n pod link add nk3 type netkit pairing single numrxqueues 2',
    'link set eth1 mtu 9000 up',
    '-n far link set far0 mtu 9000 up',
    'link set nk2 mtu 9000 up',
    '-n pod link set eth1 mtu 9000 up',
    '-n pod link set nk3 up',
    'addr add 10.9.0.1/24 dev eth1',
    '-n far addr add 10.9.0.2/24 dev far0',
    'addr add 10.1.0.1/24 dev nk2',
    `-n pod addr add ${POD_ADDRESS}/24 dev eth1`,
    '-n far route add 10.1.0.0/24 via 10.9.0.1',
    '-n pod route add 10.9.0.0/24 via 10.1.0.1',
    'sysctl net.ipv4.ip_forward=1',
    'rings set dev eth1 tcp-data-split on hds-thresh 0',
    `nic steer eth1 flow-type tcp4 dst-ip ${POD_ADDRESS} dst-port ${PORT} action 3`,
    'lease add dev nk3 netns pod from eth1 queue 3',
  ])
    await type(line)
  await using receiver = await connection.zcrx.open({
    device: 'nk3',
    queue: 1,
    in: 'pod',
    areaBytes: 32 << 20,
    refillEntries: 8192,
  })
  await using listener = await connection.tcp.listen({ in: 'pod', port: PORT })
  const accepting = listener.accept()
  const far = await connection.tcp.connect({ address: POD_ADDRESS, port: PORT }, { in: 'far' })
  const stream = await accepting
  const chunk = new Uint8Array(CHUNK_BYTES).fill(7)
  const began = performance.now()
  const sending = (async () => {
    for (let sent = 0; sent < STREAM_BYTES; sent += CHUNK_BYTES) await far.write(chunk)
    await far.end()
  })()
  let bytes = 0
  let completions = 0
  for await (const view of receiver.read(stream.handle)) {
    bytes += view.length
    completions++
  }
  const seconds = (performance.now() - began) / 1000
  await sending
  await type('lease show')
  await type('stats copies')
  const copiedBytes = receiver.stats?.copiedBytes
  write(`
bytes of the stream          ${bytes}
completions                  ${completions}
of them copied, bytes        ${copiedBytes}
throughput, sender included  ${((bytes * BITS) / seconds / 1e9).toFixed(1)} Gbit/s
`)
  if (bytes !== STREAM_BYTES || copiedBytes !== 0n) throw new Error('the stream was not received without copies')
  await far.close()
  await stream.close()
}
