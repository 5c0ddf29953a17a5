import { FLAG_HASH_L4, FLAG_HASH_SW, PKT_HASH, PKT_SHIFT, PKT_STATE } from '../../../packet/fields.ts'
import { flowHash } from '../../../packet/hash.ts'
import type { HelperRow } from './helper.ts'
import { clearHash } from './packet-bytes.ts'

/** Hashes of flows. Source: spec 02 §3.6. */
export const PACKET_HASH: readonly HelperRow[] = [
  {
    name: 'get_hash_recalc',
    args: ['u32'],
    returns: 'u32',
    body({ contexts }, ctx) {
      const context = contexts.at(ctx)
      contexts.settle(context)
      const hash = flowHash(contexts.packets, context.handle)
      contexts.refresh(context)
      return hash
    },
  },
  {
    name: 'set_hash_invalid',
    args: ['u32'],
    returns: 's32',
    body({ contexts }, ctx) {
      const context = contexts.at(ctx)
      contexts.settle(context)
      clearHash(contexts.packets, context.handle)
      contexts.refresh(context)
      return 0
    },
  },
  {
    name: 'set_hash',
    args: ['u32', 'u32'],
    returns: 's32',
    body({ contexts }, ctx, hash) {
      const context = contexts.at(ctx)
      const { fields } = contexts.packets
      const i = context.handle << PKT_SHIFT
      contexts.settle(context)
      fields[i + PKT_HASH] = hash
      fields[i + PKT_STATE] |= FLAG_HASH_L4 | FLAG_HASH_SW
      contexts.refresh(context)
      return 0
    },
  },
]
