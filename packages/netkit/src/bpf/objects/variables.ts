import {
  type BpfObject,
  BtfError,
  decodeValue,
  encodeValue,
  type ObjectData,
  type ObjectVariable,
  type Value,
} from '@netkit/bpf'
import { InputError, shown } from '../../input/input-error.ts'

interface Found {
  readonly data: ObjectData
  readonly bytes: Uint8Array
  readonly variable: ObjectVariable
}

/** Global variables of an object file, by their names: what they are when its programs are loaded. */
export class Variables {
  readonly #object: BpfObject
  /** The contents of each section, as changed. */
  readonly #contents = new Map<ObjectData, Uint8Array>()

  constructor(object: BpfObject) {
    this.#object = object
    for (const { data, valueSize } of object.maps) {
      if (!data) continue
      const bytes = new Uint8Array(valueSize)
      bytes.set(data.bytes.subarray(0, valueSize))
      this.#contents.set(data, bytes)
    }
  }

  /** All names, with whether programs may only read them. */
  *names(): Generator<{ readonly name: string; readonly readOnly: boolean }> {
    for (const data of this.#contents.keys())
      for (const { name } of data.variables) yield { name, readOnly: data.readOnly }
  }

  /** Throws InputError for a name that none has. */
  get(name: string): Value {
    const { bytes, variable } = this.#find('get variable', name)
    const { type, offset, size } = variable
    return decodeValue(this.#object.btf!, type, bytes.subarray(offset, offset + size))
  }

  /** Throws InputError for a name that none has, or a value that does not fit its type. */
  set(name: string, value: Value): void {
    const op = 'set variable'
    const { bytes, variable } = this.#find(op, name)
    try {
      bytes.set(encodeValue(this.#object.btf!, variable.type, value), variable.offset)
    } catch (e) {
      throw e instanceof BtfError ? new InputError(op, name, `does not fit its type: ${e.message}`) : e
    }
  }

  /** What a section of variables begins with. */
  contents(data: ObjectData): Uint8Array {
    return this.#contents.get(data) ?? data.bytes
  }

  #find(op: string, name: string): Found {
    for (const [data, bytes] of this.#contents) {
      const variable = data.variables.find((one) => one.name === name)
      if (variable) return { data, bytes, variable }
    }
    const known = [...this.names()].map((one) => one.name)
    throw new InputError(
      op,
      shown(name),
      known.length > 0 ? `is not one of ${known.join(', ')}` : 'is none: there are none',
    )
  }
}
