import { encodeWithTexts } from '../btf/encode.ts'
import { ObjectError } from './error.ts'
import type { LinkedProgram } from './link.ts'
import type { BpfObject } from './object.ts'

/** What PROG_LOAD takes about functions and lines, as arrays of records; they refer to the types that were loaded before. */
export interface ProgramInfo {
  /** Records of 8 bytes: slot, type of the function. */
  readonly functions: Uint8Array
  /** Records of 16 bytes: slot, file and text as offsets of strings, line and column. */
  readonly lines: Uint8Array
}

export const FUNC_INFO_BYTES = 8
export const LINE_INFO_BYTES = 16

/** The types of an object as BTF_LOAD wants them, and what goes along with each of its programs. */
export interface LoadInfo {
  readonly btf: Uint8Array
  of(program: LinkedProgram): ProgramInfo
}

/** Encodes an object's types with the strings that line info refers to. Throws an ObjectError for an object without BTF. */
export function loadInfo(object: BpfObject): LoadInfo {
  if (!object.btf) throw new ObjectError('EINVAL', 'the object has no BTF: compile with -g')
  const lines = Array.from(object.ext?.lines.values() ?? []).flat()
  const { bytes, offset } = encodeWithTexts(object.btf, new Set(lines.flatMap(({ file, text }) => [file, text])))
  return {
    btf: bytes,
    of: (program) => ({
      functions: words(program.functions.flatMap(({ slot, type }) => (type ? [slot, type] : []))),
      lines: words(
        program.lines.flatMap(({ slot, file, text, line, column }) => [
          slot,
          offset(file),
          offset(text),
          ((line << 10) | column) >>> 0,
        ]),
      ),
    }),
  }
}

function words(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4))
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value, true)
  return new Uint8Array(view.buffer)
}
