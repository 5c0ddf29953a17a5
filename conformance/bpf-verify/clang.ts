/**
 * Builds clang.c and keeps what clang made of each program as a case (libbpf's headers): `npx tsx --conditions=source
 * conformance/bpf-verify/clang.ts`. Record what Linux says afterwards.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identifyAll, linkProgram, openObject, toAssembly } from '@netkit/bpf'
import { FOLDER } from './cases.ts'

const MAPS = 'maps array:4:64:4 hash:4:16:8 ringbuf:0:0:4096'
const NAMES = ['array', 'hash', 'ring']
const MAP_INDEX = 5

const out = join(mkdtempSync(join(tmpdir(), 'netkit-clang-')), 'clang.o')
const headers = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
const flags = ['-O2', '-g', '-target', 'bpf', '-mcpu=v3', '-I', headers, '-w']
execFileSync('clang', [...flags, '-c', join(import.meta.dirname, 'clang.c'), '-o', out])
const object = openObject(new Uint8Array(readFileSync(out)))
const cases = object.programs.map((program) => {
  const { code, references } = linkProgram(object, program)
  for (const reference of references) {
    if (reference.kind !== 'map') throw new Error(`${program.name} refers to a ${reference.kind}`)
    code.src[reference.slot] = MAP_INDEX
    code.imm[reference.slot] = NAMES.indexOf(object.maps[reference.map].name)
    code.imm[reference.slot + 1] = 0
  }
  identifyAll(code)
  return `== ${program.name.replaceAll('_', ' ')}\n${toAssembly(code)}\n`
})
writeFileSync(join(FOLDER, 'clang.txt'), `${MAPS}\n${cases.join('')}`)
