/**
 * The main job, on real input: a NIC with eight queues receives a recording of real traffic; a pair joins the host and a pod,
 * and a single device in the pod leases one steered queue, which comes and goes while the pair carries traffic.
 *
 * Then programs, and the two ways without copies: AF_XDP, and io_uring's receive.
 *
 * Everything happens in this process, without root. The commands are those that a user would type; what runs beside them
 * (the traffic through the pair, the capture) goes through the SDK.
 */
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { embedded, Kernel, parseCapture } from '@netkit/kernel'
import { type Kernel as Connection, connect } from 'netkit'
import type { Context } from './commands/context.ts'
import { run } from './commands/run.ts'
import { receiveByAfXdp, receiveByIoUring } from './demo-zero-copy.ts'
import { machineFiles } from './files.ts'
import { machineFiles as wireFiles } from './process/server/machine-files.ts'
import { interruption, outputIsTerminal, outputWidth, writeError, writeOutput } from './terminal.ts'
import { VERSION } from './version.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
process.chdir(root)
const RECORDING = 'examples/captures/to-host.pcapng'
/** The address that the recorded host had: frames to it are for this NIC. */
const HOST_ADDRESS = '02:00:0a:14:00:01'
/** Of examples/programs/firewall.c, built beforehand: a demonstration needs no compiler. */
const FIREWALL = 'examples/programs/built/firewall.o'
const OUT = 'demo-out'
/** Frames that go through the pair at a time: before, between and after the steps of each change of the lease. */
const BURST = 64
const LEASE_CYCLES = 20
const ETHERTYPE_AT = 12
const POD_SERVICE = 9100
/** Between packets that are traced, so that each can be read. */
const BETWEEN_MS = 20

mkdirSync(OUT, { recursive: true })
const kernel = new Kernel({ files: wireFiles, epoch: BigInt(Date.now()) * 1_000_000n })
const provider = embedded({ kernel })
const width = outputWidth(process.env) ?? 100
const colors = outputIsTerminal()
const context: Context = {
  kernel: provider,
  write: writeOutput,
  writeError,
  width,
  colors,
  env: process.env,
  version: VERSION,
  now: Date.now,
  interrupted: interruption(),
  files: machineFiles,
}

const strong = (text: string): string => (colors ? `\x1b[1m${text}\x1b[0m` : text)
const say = (text: string): void => writeOutput(`\n${strong(text)}\n`)

/** Runs a line as a user would type it, and shows it. */
async function type(line: string): Promise<void> {
  writeOutput(`$ netkit ${line}\n`)
  const status = await run(line.split(' '), context)
  if (status !== 0) throw new Error(`netkit ${line} ended with status ${status}`)
}

/** Frames of the recording for the pod's service that is not steered: what the pair is to carry. */
function framesForThePair(): Uint8Array[] {
  const frames: Uint8Array[] = []
  for (const { data } of parseCapture(readFileSync(RECORDING))) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const ipv4 = data.length > 38 && view.getUint16(ETHERTYPE_AT) === 0x0800 && view.getUint8(23) === 6
    const at = 14 + 4 * (view.getUint8(14) & 15)
    if (ipv4 && view.getUint16(at + 2) === POD_SERVICE) frames.push(data)
  }
  return frames
}

/** What the pair is given to carry, and how much of it was taken. */
class Traffic {
  sent = 0
  taken = 0
  readonly #connection: Connection
  readonly #frames: readonly Uint8Array[]

  constructor(connection: Connection, frames: readonly Uint8Array[]) {
    this.#connection = connection
    this.#frames = frames
  }

  /** One burst from the host to the pod. */
  async burst(): Promise<void> {
    const frames = Array.from({ length: BURST }, (_, i) => this.#frames[(this.sent + i) % this.#frames.length])
    this.sent += frames.length
    this.taken += await this.#connection.transmit('nk0', frames)
  }
}

/** Records everything that passes the host's devices. */
async function record(connection: Connection, path: string): Promise<() => Promise<void>> {
  const capture = await connection.capture()
  const file = createWriteStream(path)
  const copied = (async () => {
    for await (const chunk of capture.read()) file.write(chunk)
    await new Promise<void>((done) => file.end(() => done()))
  })()
  return async () => {
    await capture.close()
    await copied
  }
}

await using connection = await connect(provider)

say('A NIC with 8 queues. Its cable plays a recording of real traffic.')
await type(`nic add eth0 queues 8 address ${HOST_ADDRESS} wire ${RECORDING}`)
await type('link set eth0 up')

say('A pod: a namespace, and a netkit pair that joins it to the host.')
await type('netns add pod')
await type('link add nk0 type netkit mode l2 peer name eth0 netns pod')
await type('link set nk0 up')
await type('-n pod link set eth0 up')

say('A queue of its own for the pod: out of the hash, its flows steered to it, leased to a single device in the pod.')
await type('nic rss eth0 equal 7')
await type('nic steer eth0 flow-type tcp4 dst-port 8080 action 7')
await type('nic steer eth0 flow-type tcp6 dst-port 8080 action 7')
await type('-n pod link add nk1 type netkit pairing single numrxqueues 2')
await type('-n pod link set nk1 up')
await type('lease add dev nk1 netns pod from eth0 queue 7')
await type('lease show')
await type('-d link show')

say('The recording arrives, the first half of it.')
const stopRecording = await record(connection, `${OUT}/host.pcapng`)
await type('nic play eth0 frames 600')
await type('queue stats dev eth0 type rx')

say(`The pair carries traffic while the lease is taken away and given back, ${LEASE_CYCLES} times.`)
await using pod = await connection.namespaces.open('pod')
const traffic = new Traffic(connection, framesForThePair())
const count = async (
  device: string,
  where: { in?: typeof pod } = {},
): Promise<{ rx: number; tx: number; dropped: number }> => {
  const { rxPackets = 0n, txPackets = 0n, rxDropped = 0n, txDropped = 0n } = await connection.stats.link(device, where)
  return { rx: Number(rxPackets), tx: Number(txPackets), dropped: Number(rxDropped + txDropped) }
}
for (let cycle = 0; cycle < LEASE_CYCLES; cycle++) {
  await traffic.burst()
  await connection.devices.remove('nk1', { in: pod })
  await traffic.burst()
  await connection.devices.add({
    name: 'nk1',
    kind: 'netkit',
    data: { pairing: 'single' },
    numRxQueues: 2,
    up: true,
    in: pod,
  })
  await traffic.burst()
  await connection.leases.add({ lessee: { device: 'nk1', in: pod }, lessor: { device: 'eth0' }, queue: 7 })
}
await type('nic play eth0')
await traffic.burst()
const { sent, taken } = traffic
const host = await count('nk0')
const inPod = await count('eth0', { in: pod })
writeOutput(`
sent through the pair       ${sent}
taken by nk0                ${taken}
received in the pod         ${inPod.rx}
dropped on the way          ${host.dropped + inPod.dropped}
`)
if (taken !== sent || host.tx !== sent || inPod.rx !== sent || host.dropped + inPod.dropped !== 0) {
  throw new Error('the pair was interrupted')
}

say('All of it, by queue, and what became of it.')
await type('queue stats dev eth0 type rx')
await type('stats')
await type('lease show')

say(
  'A program: a firewall at the pair, which lets through only what its maps allow. What becomes of two packets, hop by hop:',
)
await type(`prog attach ${FIREWALL} dev nk0 set otherwise=2`)
let isTraced = false
const traced = type('trace -c 2 tcp').finally(() => (isTraced = true))
for (const frame of framesForThePair()) {
  if (isTraced) break
  await connection.transmit('nk0', [frame])
  await sleep(BETWEEN_MS)
}
await traced
await type('map dump reasons')
say('The network 10.0.0.0/8 is allowed (an address is what its bytes are in memory), and its packets pass.')
await type('map update networks {"prefix":8,"address":10} {"rule":"RULE_ALLOW"}')
const before = traffic.taken
await traffic.burst()
writeOutput(`${traffic.taken - before} of ${BURST} packets were taken\n`)
await type('map dump networks')
await type('prog show dev nk0')
await type('prog detach firewall dev nk0 at primary')

say('A policy: what the host sends into the pod is dropped, and the recording says why.')
await type('link set nk0 type netkit policy blackhole')
await type(`send nk0 ${RECORDING} count 20`)
await type('stats dev nk0')

await stopRecording()
say(`${OUT}/host.pcapng now holds every packet that passed the host's devices: open it in Wireshark.`)

const stage = { connection, say, type, write: writeOutput }
await receiveByAfXdp(stage)
await receiveByIoUring(stage)

say('The NIC is unplugged: what leased its queues goes with it.')
await type('nic del eth0')
await type('-br link show')
await type('-n pod -br link show')

say('Done.')
process.exit(0)
