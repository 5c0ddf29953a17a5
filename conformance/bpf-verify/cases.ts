import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  assemble,
  MAP_FLAG,
  MAP_TYPE,
  type MapFacts,
  opAt,
  PROG_TYPE,
  type Resolved,
  type VerifyInput,
} from '@netkit/bpf'

/** A program that a loader hands over, and who the loader is. */
export interface VerifyCase {
  readonly name: string
  readonly type: 'schedCls' | 'xdp'
  readonly license: string
  /** Loaded with all capabilities, or without CAP_PERFMON. */
  readonly caps: 'all' | 'bpf'
  readonly asm: string
  /** What `map[idx:N]` stands for. */
  readonly maps: readonly MapFacts[]
}

/** What the machine's kernel made of it. */
export interface Answer {
  readonly errno: number
  /** The line of its log that says why. */
  readonly line: string
}

export const FOLDER = join(import.meta.dirname, '../cases/bpf-verify')

const TYPES: Readonly<Record<string, number>> = {
  array: MAP_TYPE.array,
  hash: MAP_TYPE.hash,
  prog_array: MAP_TYPE.progArray,
  ringbuf: MAP_TYPE.ringbuf,
  percpu_array: MAP_TYPE.percpuArray,
  queue: MAP_TYPE.queue,
  devmap: MAP_TYPE.devmap,
  lpm_trie: MAP_TYPE.lpmTrie,
  perf_event_array: MAP_TYPE.perfEventArray,
}

/** `type:key size:value size:entries[:rdonly_prog]`. */
export function parseMap(text: string): MapFacts {
  const [type, key, value, entries, flag] = text.split(':')
  if (TYPES[type] === undefined) throw new Error(`unknown map type ${type}`)
  const noPrealloc = type === 'lpm_trie' ? MAP_FLAG.noPrealloc : 0
  return {
    type: TYPES[type],
    keySize: Number(key),
    valueSize: Number(value),
    maxEntries: Number(entries),
    flags: (flag === 'rdonly_prog' ? MAP_FLAG.rdonlyProg : 0) | noPrealloc,
  }
}

function parseCase(text: string, maps: readonly MapFacts[]): VerifyCase {
  const [name, ...lines] = text.split('\n')
  const words = new Map<string, string>()
  while (/^(type|license|caps) /.test(lines[0])) {
    const [word, value] = (lines.shift() ?? '').split(' ')
    words.set(word, value)
  }
  return {
    name: name.trim(),
    type: words.get('type') === 'xdp' ? 'xdp' : 'schedCls',
    license: words.get('license') === 'none' ? '' : 'GPL',
    caps: words.get('caps') === 'bpf' ? 'bpf' : 'all',
    asm: lines.join('\n'),
    maps,
  }
}

/** All cases, in the order of their files. */
export function readCases(): VerifyCase[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.txt'))
    .flatMap((file) => {
      const [head, ...rest] = readFileSync(join(FOLDER, file), 'utf8').split(/^== /m)
      const maps = head.startsWith('maps ') ? head.trim().split(' ').slice(1).map(parseMap) : []
      return rest.map((text) => parseCase(text, maps))
    })
}

/** The same for our verifier. */
export function inputOf({ asm, type, license, caps, maps }: VerifyCase): VerifyInput {
  const code = assemble(asm)
  const resolved = new Map<number, Resolved>()
  for (let slot = 0; slot < code.length; slot++) {
    const op = opAt(code, slot)
    if (op.kind === 'const' && op.pseudo === 'mapIndex') resolved.set(slot, { kind: 'map', map: maps[code.imm[slot]] })
  }
  return {
    code,
    programType: PROG_TYPE[type],
    attachType: 0,
    gpl: license === 'GPL',
    perfmon: caps === 'all',
    strictAlignment: false,
    resolved,
    lines: new Map(),
    logLevel: 1,
  }
}
