import { type Attachment, addressOf, type DatapathCase, DEVICES, LINKS, namespaceOf, type Settings } from './case.ts'
import { answer, attachment, BEGIN, cloneRedirect, LIVE, LIVES_AT, observe, redirect, set, stamp } from './programs.ts'

/** Numbers from a seed: xorshift32. */
class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0 || 1
  }

  below(n: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state % n
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]
  }

  /** Once in `n` times. */
  in(n: number): boolean {
    return this.below(n) === 0
  }
}

const PAIRS = LINKS.filter(({ kind }) => kind === 'netkit')
const peerOf = new Map(
  LINKS.flatMap(({ name, peer }) =>
    peer
      ? [
          [name, peer],
          [peer, name],
        ]
      : [],
  ),
)

/** The device that a program sees, from where it is attached. */
const currentOf = (device: string, hook: string): string => (hook === 'netkitPrimary' ? peerOf.get(device)! : device)

const IPV4 = [0x45, 0, 0, 46, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]

/** A frame of IPv4 or another protocol, with some lives. */
export function frame(to: readonly number[], length = 60, type = 0x0800, lives = 4): string {
  const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 7) & 0xff))
  bytes.set([...to, 2, 0, 0, 0, 0, 99, type >> 8, type & 0xff])
  bytes.set(IPV4, 14)
  bytes[LIVES_AT] = lives
  return bytes.toString('hex')
}

const BROADCAST = [255, 255, 255, 255, 255, 255]
const MULTICAST = [1, 0, 94, 0, 0, 1]
const STRANGER = [2, 0, 0, 0, 0, 0xee]

export const SETTINGS: readonly Settings[] = [
  { mode: 'l2', policy: 'forward', peerPolicy: 'forward', scrub: 'default', peerScrub: 'default' },
  { mode: 'l2', policy: 'forward', peerPolicy: 'forward', scrub: 'none', peerScrub: 'none' },
  { mode: 'l2', policy: 'forward', peerPolicy: 'forward', scrub: 'none', peerScrub: 'default' },
  { mode: 'l2', policy: 'blackhole', peerPolicy: 'forward', scrub: 'default', peerScrub: 'none' },
  { mode: 'l2', policy: 'forward', peerPolicy: 'blackhole', scrub: 'default', peerScrub: 'default' },
  { mode: 'l3', policy: 'forward', peerPolicy: 'forward', scrub: 'default', peerScrub: 'default' },
  { mode: 'l3', policy: 'blackhole', peerPolicy: 'blackhole', scrub: 'none', peerScrub: 'none' },
]

/** A random case. */
function randomCase(seed: number, settings: Settings): DatapathCase {
  const chance = new Chance(seed)
  const programs: Attachment[] = []
  let observers = 0
  let again = false
  const count = 1 + chance.below(5)
  for (let n = 0; n < count; n++) {
    const netkit = chance.in(2)
    const device = netkit ? chance.one(PAIRS).name : chance.one(DEVICES)
    const hook = chance.one(
      netkit ? (['netkitPrimary', 'netkitPeer'] as const) : (['tcxIngress', 'tcxEgress'] as const),
    )
    const near = DEVICES.filter((d) => namespaceOf(d) === namespaceOf(currentOf(device, hook)))
    const lines = [BEGIN]
    if (chance.in(2) && observers < 16) lines.push(...observe(observers++))
    if (chance.in(3)) lines.push(set('mark', 1 + chance.below(99)))
    if (chance.in(3)) lines.push(set('priority', 1 + chance.below(99)))
    if (chance.in(5)) lines.push(set('tcIndex', 1 + chance.below(99)))
    if (chance.in(5)) lines.push(stamp(1 + chance.below(99)))
    const kind = chance.below(8)
    if (kind < 4) lines.push(...LIVE)
    if (kind === 0) lines.push(cloneRedirect(chance.one(near), chance.below(2)), answer(chance.one([-1, 0, 2, 7])))
    else if (kind < 3) {
      lines.push(redirect('redirect', chance.one(near), chance.below(3)))
      lines.push(chance.in(6) ? answer(chance.one([-1, 0])) : 'exit')
    } else if (kind === 3) {
      // Packets that go round between devices without a backlog never end, on Linux as well.
      const flags: number = again || chance.in(2) ? 2 : 0
      again ||= flags === 0
      lines.push(redirect('redirect_peer', chance.one(near), flags), 'exit')
    } else lines.push(answer(chance.one([-1, -1, -1, 0, 0, 2, 7, 1, 5])))
    programs.push(attachment(device, hook, lines))
  }
  const sends = Array.from({ length: 1 + chance.below(4) }, () => {
    const device = chance.one(DEVICES)
    const peer = peerOf.get(device) ?? device
    const to = chance.one([
      addressOf(peer),
      addressOf(peer),
      addressOf(peer),
      BROADCAST,
      MULTICAST,
      STRANGER,
      [0, 0, 0, 0, 0, 0],
    ])
    return { device, frame: frame(to, chance.one([60, 60, 100, 42])) }
  })
  return { name: `random ${seed} ${SETTINGS.indexOf(settings)}`, settings, programs, sends }
}

/** So many random cases for each of the settings. */
export const randomCases = (first: number, count: number): DatapathCase[] =>
  SETTINGS.flatMap((settings, i) =>
    Array.from({ length: count }, (_, n) => randomCase(first + i * count + n, settings)),
  )

/** The random case of a name, as `randomCases` made it. */
export function caseOfName(name: string): DatapathCase {
  const [, seed, settings] = name.split(' ')
  return randomCase(Number(seed), SETTINGS[Number(settings)])
}
