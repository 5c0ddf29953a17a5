import type { ValueOf } from '../../attr/codec.ts'
import { s32, u8, u16, u32 } from '../../attr/integers.ts'
import { struct } from '../../attr/struct.ts'

/** The header of link messages, 16 bytes. Source: uapi struct ifinfomsg. */
export const LINK_HEADER = struct(
  'ifinfomsg',
  { family: u8, pad: u8, type: u16, ifindex: s32, flags: u32, change: u32 },
  true,
)
export type LinkHeader = ValueOf<typeof LINK_HEADER>
