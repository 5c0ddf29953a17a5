import { u8, u16 } from '../attr/integers.ts'
import { struct } from '../attr/struct.ts'

/** Source: uapi struct genlmsghdr. */
export const GENL_HEADER = struct('genlmsghdr', { cmd: u8, version: u8, reserved: u16 })
