import type { CopyCount, Kernel, Where } from 'netkit'
import { count } from '../../print/numbers.ts'
import type { Session } from '../session.ts'

/** What a NIC's DMA does: no work of the processor. */
const DMA: ReadonlySet<string> = new Set(['wireIn', 'wireOut'])
/** Copies that are no copies of payload. */
const HEADERS = 'headers'

interface Place {
  /** Empty: where the command acts. */
  readonly netns: string
  /** Absent: applications and sockets. */
  readonly device: string | undefined
  readonly counts: readonly CopyCount[]
}

const HEADS = [
  { title: 'NETNS' },
  { title: 'DEV' },
  { title: 'DMA', right: true },
  { title: 'HEADERS', right: true },
  { title: 'COPIED', right: true },
  { title: 'WHY' },
]

/** Shows what the kernel has copied, a line a device: 0 where packets went by without. `device`: only there. */
export async function showCopies(session: Session, kernel: Kernel, where: Where, device?: string): Promise<void> {
  const places = placesOf(await kernel.stats.copies(where), '')
  for (const netns of where.in ? [] : await kernel.namespaces.list()) {
    const there = placesOf(await kernel.stats.copies({ ...where, in: netns }), netns)
    places.push(...there.filter((place) => place.device !== undefined))
  }
  const shown = places.filter((place) => device === undefined || place.device === device)
  const json = shown.flatMap(({ netns, counts }) =>
    counts.map((c) => ({
      netns: netns || undefined,
      ifname: c.device,
      reason: c.reason,
      bytes: c.bytes,
      copies: c.copies,
    })),
  )
  await session.table(
    HEADS,
    shown.map((place) => cells(place, session)),
    json,
  )
}

function placesOf(counts: readonly CopyCount[], netns: string): Place[] {
  const devices = new Set(counts.map((c) => c.device))
  return [...devices].map((device) => ({ netns, device, counts: counts.filter((c) => c.device === device) }))
}

function cells({ netns, device, counts }: Place, { options }: Session): string[] {
  const sum = (list: readonly CopyCount[]) =>
    count(
      list.reduce((bytes, c) => bytes + c.bytes, 0),
      options,
    )
  const rest = counts.filter(({ reason }) => !DMA.has(reason) && reason !== HEADERS)
  return [
    netns,
    device ?? '-',
    sum(counts.filter(({ reason }) => DMA.has(reason))),
    sum(counts.filter(({ reason }) => reason === HEADERS)),
    sum(rest),
    rest.map(({ reason, bytes }) => `${reason} ${count(bytes, options)}`).join(', '),
  ]
}
