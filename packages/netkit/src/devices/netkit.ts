import { NETKIT_PAIRING } from '@netkit/netlink'
import { InputError } from '../input/input-error.ts'
import type { NetkitPairOptions, NetkitSingleOptions } from './options.ts'

const MAX_RX_QUEUES = 1024

/**
 * Refuses combinations that Linux refuses without a word of explanation.
 * Source: spec 01 §3.4, rows 2, 3, 13 and 14, and §2.6.
 */
export function checkNetkit(op: string, o: NetkitPairOptions | NetkitSingleOptions): void {
  const { data } = o
  if (isSingle(data?.pairing)) checkSingle(op, o)
  const l3 = (data?.mode ?? 'l3') === 'l3' || data?.mode === 1
  checkAddress(op, 'address', o.address, l3)
  checkAddress(op, 'peer.address', o.peer?.address, l3)
  checkQueues(op, '', o)
  if (o.peer) checkQueues(op, 'peer.', o.peer)
}

/** Numbers are taken for names, as the wire has them. */
const isSingle = (pairing: unknown): boolean => pairing === 'single' || pairing === NETKIT_PAIRING.single

function checkSingle(op: string, o: NetkitPairOptions | NetkitSingleOptions): void {
  const why = 'cannot be given: a single device has no peer'
  if (o.peer !== undefined) throw new InputError(op, 'peer', why)
  const data = o.data as NetkitPairOptions['data']
  for (const key of ['peerPolicy', 'peerScrub'] as const)
    if (data?.[key] !== undefined) throw new InputError(op, `data.${key}`, why)
  if (data?.scrub !== undefined)
    throw new InputError(op, 'data.scrub', 'cannot be given: a single device sends no packets to scrub')
  if (data?.policy !== undefined && data.policy !== 'forward' && data.policy !== 0) {
    throw new InputError(
      op,
      'data.policy',
      'cannot be given: a single device drops what it transmits, whatever the policy',
    )
  }
}

function checkAddress(op: string, option: string, address: string | undefined, l3: boolean): void {
  if (address === undefined) return
  if (l3)
    throw new InputError(op, option, "cannot be given in mode l3, the default: only mode 'l2' has hardware addresses")
  const bytes = address.split(/[:-]/).map((digits) => Number.parseInt(digits, 16))
  const usable = bytes.length === 6 && (bytes[0] & 1) === 0 && bytes.some((b) => b !== 0)
  if (!usable)
    throw new InputError(op, option, `must have six bytes and be neither zero nor multicast, not '${address}'`)
}

function checkQueues(
  op: string,
  path: string,
  o: { readonly numRxQueues?: number; readonly numTxQueues?: number },
): void {
  const { numRxQueues: rx, numTxQueues: tx } = o
  if (rx !== undefined && (rx < 1 || rx > MAX_RX_QUEUES)) {
    throw new InputError(op, `${path}numRxQueues`, `must be from 1 to ${MAX_RX_QUEUES} of a netkit device, not ${rx}`)
  }
  if (tx !== undefined && tx !== 1)
    throw new InputError(op, `${path}numTxQueues`, `must be 1 of a netkit device, not ${tx}`)
}
