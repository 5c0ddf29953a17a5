import type { Kernel, SocketAddress, TcpConnection } from 'netkit'

/** States of a test, one byte each. Source: what iperf3 3.x says on its control connection. */
const TEST_START = 1
const TEST_RUNNING = 2
const TEST_END = 4
const PARAM_EXCHANGE = 9
const CREATE_STREAMS = 10
const EXCHANGE_RESULTS = 13
const DISPLAY_RESULTS = 14
const IPERF_DONE = 16
const COOKIE = 37
const BLOCK = 131_072

/** The control connection of a test: single bytes, and JSON behind its length. */
class Control {
  readonly #connection: TcpConnection
  #rest = new Uint8Array()

  constructor(connection: TcpConnection) {
    this.#connection = connection
  }

  async take(length: number): Promise<Uint8Array> {
    while (this.#rest.length < length) {
      const more = await this.#connection.read()
      if (more === undefined) throw new Error('iperf3 has ended the test')
      this.#rest = Uint8Array.of(...this.#rest, ...more)
    }
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.slice(length)
    return taken
  }

  async state(expected: number): Promise<void> {
    const [state] = await this.take(1)
    if (state !== expected) throw new Error(`iperf3 is in state ${(state << 24) >> 24}, not ${expected}`)
  }

  say(state: number): Promise<void> {
    return this.#connection.write(Uint8Array.of(state))
  }

  async json(): Promise<unknown> {
    const length = new DataView((await this.take(4)).slice().buffer).getUint32(0)
    return JSON.parse(new TextDecoder().decode(await this.take(length)))
  }

  async sayJson(value: unknown): Promise<void> {
    const text = new TextEncoder().encode(JSON.stringify(value))
    const all = new Uint8Array(4 + text.length)
    new DataView(all.buffer).setUint32(0, text.length)
    all.set(text, 4)
    await this.#connection.write(all)
  }
}

/** Bytes that the receiving side counted, and milliseconds that they took. */
export interface Iperf3Result {
  readonly received: number
  readonly ms: number
}

/** One stream between a kernel and an iperf3 server; `reverse`: the server sends. */
export async function iperf3(
  kernel: Kernel,
  server: SocketAddress,
  { reverse, bytes }: { readonly reverse: boolean; readonly bytes: number },
): Promise<Iperf3Result> {
  const cookie = new Uint8Array(COOKIE).fill(0x61)
  cookie[COOKIE - 1] = 0
  await using connection = await kernel.tcp.connect(server, { noDelay: true })
  const control = new Control(connection)
  await connection.write(cookie)
  await control.state(PARAM_EXCHANGE)
  await control.sayJson({
    tcp: true,
    omit: 0,
    time: 0,
    num: bytes,
    parallel: 1,
    len: BLOCK,
    // Its presence counts, not its value.
    ...(reverse && { reverse }),
    client_version: '3.12',
  })
  await control.state(CREATE_STREAMS)
  await using stream = await kernel.tcp.connect(server)
  await stream.write(cookie)
  await control.state(TEST_START)
  await control.state(TEST_RUNNING)
  const start = performance.now()
  const moved = reverse ? await receive(stream, bytes) : await send(stream, bytes)
  await control.say(TEST_END)
  await control.state(EXCHANGE_RESULTS)
  const own = { id: 1, bytes: moved, retransmits: 0, jitter: 0, errors: 0, packets: 0, start_time: 0, end_time: 1 }
  await control.sayJson({
    cpu_util_total: 0,
    cpu_util_user: 0,
    cpu_util_system: 0,
    sender_has_retransmits: 0,
    streams: [own],
  })
  const results = (await control.json()) as { readonly streams: readonly { readonly bytes: number }[] }
  const ms = performance.now() - start
  await control.state(DISPLAY_RESULTS)
  await control.say(IPERF_DONE)
  return { received: reverse ? moved : results.streams[0].bytes, ms }
}

async function send(stream: TcpConnection, bytes: number): Promise<number> {
  const block = new Uint8Array(BLOCK)
  for (let left = bytes; left > 0; left -= BLOCK) await stream.write(block.subarray(0, Math.min(left, BLOCK)))
  // The server counts until it is told of the end, and what is under way then is not counted.
  while ((await stream.status()).unacknowledged > 0) await new Promise((resolve) => setTimeout(resolve, 1))
  return bytes
}

async function receive(stream: TcpConnection, bytes: number): Promise<number> {
  let received = 0
  while (received < bytes) {
    const part = await stream.read()
    if (part === undefined) break
    received += part.length
  }
  return received
}
