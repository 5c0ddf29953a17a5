import type { Policy } from './policy.ts'

/** What an extended acknowledgement can say besides the error number. Offsets count from the request's message header. */
export interface Extack {
  msg?: string
  cookie?: Uint8Array
  /** Byte offset of the offending attribute's header. */
  offset?: number
  /** The policy that was violated. */
  policy?: Policy
  /** Id of a required attribute that is absent, and the offset of the nest in which it is missing. */
  missType?: number
  missNest?: number
}
