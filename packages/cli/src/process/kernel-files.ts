import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import type { KernelFiles } from '@netkit/kernel'

const CHUNK = 256 * 1024

function* chunks(path: string): Generator<Uint8Array, void, undefined> {
  const file = openSync(path, 'r')
  try {
    while (true) {
      const chunk = new Uint8Array(CHUNK)
      const length = readSync(file, chunk)
      if (length === 0) return
      yield chunk.subarray(0, length)
    }
  } finally {
    closeSync(file)
  }
}

/** Files of the machine, for the wires of an embedded kernel. */
export const kernelFiles: KernelFiles = {
  read: chunks,
  write(path) {
    const file = openSync(path, 'w', 0o644)
    return {
      write(chunk) {
        for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at)
      },
      close: () => closeSync(file),
    }
  },
}
