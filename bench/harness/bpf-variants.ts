const setR0 = (number: number): Uint8Array =>
  new Uint8Array([0xb7, 0, 0, 0, ...new Uint8Array(Int32Array.of(number).buffer)])

/** `r0 = NUMBER; exit` */
export function returning(number: number): Uint8Array {
  return new Uint8Array([...setR0(number), 0x95, 0, 0, 0, 0, 0, 0, 0])
}

let variants = 0

/** The same program with an instruction before it, which sets the mark to another number each time: engines remember what they
 *  have compiled. */
export function varied(program: Uint8Array): Uint8Array {
  const bytes = new Uint8Array([...setR0(++variants), ...program])
  bytes.set([0x62, 1, 8, 0])
  return bytes
}
