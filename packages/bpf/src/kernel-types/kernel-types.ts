import { type Btf, INT_BOOL, INT_SIGNED } from '../btf/type.ts'
import type { TypeBuilder } from './builder.ts'
import { DECLARATIONS } from './declarations.ts'
import { ENUMS } from './enums.ts'
import { HEADERS } from './headers.ts'
import { typesOf } from './parse-c.ts'

/** Name in BTF, bytes, encoding. Declarations write underscores for the spaces. */
const INTEGERS: readonly (readonly [string, number, number])[] = [
  ['int', 4, INT_SIGNED],
  ['unsigned int', 4, 0],
  ['signed char', 1, INT_SIGNED],
  ['unsigned char', 1, 0],
  ['short int', 2, INT_SIGNED],
  ['short unsigned int', 2, 0],
  ['long long int', 8, INT_SIGNED],
  ['long long unsigned int', 8, 0],
  ['_Bool', 1, INT_BOOL],
  ['char', 1, 0],
]

function integers(builder: TypeBuilder): void {
  for (const [name, size, encoding] of INTEGERS) {
    builder.declare(
      name.replaceAll(' ', '_'),
      { kind: 'int', name, size, bits: size * 8, offset: 0, encoding },
      size,
      size,
    )
  }
}

let made: Btf | undefined

/** The types of the embedded kernel that programs may rely on, for CO-RE relocations: the layouts of Linux 7.3. Made at the first call. */
export function kernelTypes(): Btf {
  made ??= typesOf(integers, DECLARATIONS + HEADERS + ENUMS)
  return made
}
