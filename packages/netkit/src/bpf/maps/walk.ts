import { BPF_COMMANDS } from '@netkit/bpf'
import { KernelError } from '@netkit/netlink'
import type { BpfCalls } from '../calls.ts'
import { Elements, type MapShape } from './elements.ts'

/** An element in bytes. */
export type RawElement = readonly [key: Uint8Array, value: Uint8Array]

/** Elements that are read at once, as long as nobody needs more. */
const BATCH = 256
const MOST = 1 << 20
const CURSOR_BYTES = 8
/** What kernels refuse batches of a type of maps with. */
const WITHOUT_BATCHES: ReadonlySet<string> = new Set(['ENOTSUPP', 'EOPNOTSUPP', 'EINVAL'])

/**
 * The elements of a map, each once if nobody changes it meanwhile: in batches where its type has them. What is put in or taken out meanwhile
 * may be there or not.
 */
export async function* walk(calls: BpfCalls, map: MapShape): AsyncGenerator<RawElement, void, undefined> {
  let begun = false
  try {
    for await (const element of batches(calls, map)) {
      begun = true
      yield element
    }
  } catch (e) {
    if (begun || !(e instanceof KernelError && WITHOUT_BATCHES.has(e.code))) throw e
    yield* oneByOne(calls, map)
  }
}

async function* batches(calls: BpfCalls, map: MapShape): AsyncGenerator<RawElement, void, undefined> {
  const op = `read ${map.label}`
  const door = calls.door(op)
  const cursorBytes = Math.max(CURSOR_BYTES, map.keySize)
  let [before, after] = [door.memory(cursorBytes), door.memory(cursorBytes)]
  let size = BATCH
  for (let isFirst = true; ; ) {
    const [keys, values] = [door.memory(size * map.keySize), door.memory(size * map.valueSize)]
    const { attr, refusal } = await calls.attempt(BPF_COMMANDS.mapLookupBatch, {
      op,
      values: {
        mapFd: map.fd,
        inBatch: isFirst ? 0n : before.address,
        outBatch: after.address,
        keys: keys.address,
        values: values.address,
        count: size,
      },
      memory: [before, after, keys, values],
    })
    // More elements share a bucket than there was room for.
    if (refusal?.code === 'ENOSPC' && size < MOST) {
      size *= 2
      continue
    }
    if (refusal && refusal.code !== 'ENOENT') throw refusal
    for (let i = 0; i < attr.count; i++) {
      yield [
        keys.bytes.subarray(i * map.keySize, (i + 1) * map.keySize),
        values.bytes.subarray(i * map.valueSize, (i + 1) * map.valueSize),
      ]
    }
    if (refusal) return
    isFirst = false
    ;[before, after] = [after, before]
  }
}

async function* oneByOne(calls: BpfCalls, map: MapShape): AsyncGenerator<RawElement, void, undefined> {
  const elements = new Elements(calls, map)
  for (let key = await elements.nextKey(undefined); key; key = await elements.nextKey(key)) {
    const value = await elements.lookup(key)
    if (value) yield [key, value]
  }
}
