import { assemble, encode } from '@netkit/bpf'
import { connect, type Kernel } from 'netkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestKernel } from './testing/kernel-process.ts'

let process: TestKernel
const clients: Kernel[] = []

beforeAll(() => {
  process = new TestKernel()
})
afterAll(async () => {
  for (const client of clients) await client.close()
  await process[Symbol.asyncDispose]()
})

async function client(): Promise<Kernel> {
  const kernel = await connect(() => process.connect())
  clients.push(kernel)
  return kernel
}

const load = (kernel: Kernel, asm: string, name = 'test') => kernel.bpf.loadProgram(encode(assemble(asm)), { name })

async function ids(all: AsyncIterable<number>): Promise<number[]> {
  const list: number[] = []
  for await (const id of all) list.push(id)
  return list
}

test('what a client loads goes with it, what it pins and attaches stays', async () => {
  const [one, other] = [await client(), await client()]
  await load(one, 'r0 = 0; exit', 'gone')
  const pinned = await load(one, 'r0 = 1; exit', 'pinned')
  await pinned.pin('/sys/fs/bpf/kept')
  await one.devices.add({ kind: 'netkit', name: 'nk0', peer: { name: 'nk1' } })
  const attached = await load(one, 'r0 = 2; exit', 'attached')
  await one.bpf.attach(attached, { device: 'nk0', at: 'netkit_primary' })
  expect(await ids(other.bpf.programIds())).toHaveLength(3)
  await one.close()
  const names: string[] = []
  for (const id of await ids(other.bpf.programIds())) {
    await using program = await other.bpf.program(id)
    names.push((await program.info()).name)
  }
  expect(names.sort()).toEqual(['attached', 'pinned'])
  await other.bpf.unpin('/sys/fs/bpf/kept')
  await other.devices.remove('nk0')
  expect(await ids(other.bpf.programIds())).toEqual([])
})

test('logs and other memory come back, also where the kernel refuses', async () => {
  const kernel = await client()
  const refused = load(kernel, 'r0 = *(u64 *)(r10 + 8); exit', 'bad')
  await expect(refused).rejects.toMatchObject({ name: 'VerifierError', code: 'EACCES', telling: /stack/ })
  await using map = await kernel.bpf.createMap({ type: 'array', keySize: 4, valueSize: 70_000, maxEntries: 40 })
  const value = Uint8Array.from({ length: 70_000 }, (_, i) => i)
  await map.update(39, value)
  expect(await map.lookup(39)).toEqual(value)
  let count = 0
  for await (const [key] of map.entries()) expect(key).toBe(count++)
  expect(count).toBe(40)
})

test('ring buffers are read from another process, and end with their reader', async () => {
  const [writer, reader] = [await client(), await client()]
  const ring = await writer.bpf.createMap({ type: 'ringbuf', name: 'events', maxEntries: 4096 })
  await ring.pin('/sys/fs/bpf/events')
  const program = await load(
    writer,
    `
      r6 = *(u32 *)(r1 + 0)
      *(u64 *)(r10 - 8) = r6
      r1 = map[fd:${ring.fd}]; r2 = r10; r2 += -8; r3 = 8; r4 = 0; call ringbuf_output
      exit
    `,
  )
  const records = await (await reader.bpf.pinnedMap('/sys/fs/bpf/events')).records()
  const first = records[Symbol.asyncIterator]().next()
  await program.testRun({ data: new Uint8Array(77) })
  expect(new Uint8Array((await first).value ?? [])).toEqual(Uint8Array.of(77, 0, 0, 0, 0, 0, 0, 0))
  const second = records[Symbol.asyncIterator]().next()
  await records.close()
  expect(await second).toEqual({ done: true, value: undefined })
  await writer.bpf.unpin('/sys/fs/bpf/events')
})

test('perf event arrays are read from another process, until they are closed', async () => {
  const [writer, reader] = [await client(), await client()]
  const map = await writer.bpf.createMap({
    type: 'perf_event_array',
    name: 'seen',
    keySize: 4,
    valueSize: 4,
    maxEntries: 1,
  })
  await map.pin('/sys/fs/bpf/seen')
  const program = await load(
    writer,
    `r6 = *(u32 *)(r1 + 0); *(u64 *)(r10 - 8) = r6
     r2 = map[fd:${map.fd}]; r3 = 0xffffffff ll; r4 = r10; r4 += -8; r5 = 4; call perf_event_output; exit`,
  )
  const events = await (await reader.bpf.pinnedMap('/sys/fs/bpf/seen')).perfEvents({ pages: 1 })
  const first = events[Symbol.asyncIterator]().next()
  await program.testRun({ data: new Uint8Array(77) })
  const { value } = await first
  expect([value?.cpu, ...(value?.data ?? [])]).toEqual([0, 77, 0, 0, 0])
  await events.close()
  for await (const _ of events) throw new Error('closed')
  await writer.bpf.unpin('/sys/fs/bpf/seen')
})

test('what programs print is read from another process, from what nobody has read on', async () => {
  const [writer, reader] = [await client(), await client()]
  const program = await load(
    writer,
    `r1 = 0x000a21756c256120 ll; *(u64 *)(r10 - 8) = r1
     r1 = r10; r1 += -8; r2 = 8; r3 = 7; call trace_printk; r0 = 0; exit`,
  )
  await program.testRun({ data: new Uint8Array(77) })
  await using lines = await reader.bpf.traceLines()
  const iterator = lines[Symbol.asyncIterator]()
  expect((await iterator.next()).value).toMatch(/: bpf_trace_printk: {2}a7!$/)
  const second = iterator.next()
  await program.testRun({ data: new Uint8Array(77) })
  expect((await second).value).toContain('a7!')
})

test('nothing is mapped from another process', async () => {
  const kernel = await client()
  expect(kernel.doors.bpf?.map).toBeUndefined()
  await expect(kernel.doors.bpf?.closeFile(2000)).rejects.toMatchObject({ code: 'EBADF' })
})
