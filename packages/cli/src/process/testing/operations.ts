import { type RandomState, randomFrom } from '@netkit/kernel'
import { type KernelDoors, KernelError, NETLINK_ROUTE } from '@netkit/netlink'
import { ask, deleteLink, moveToFd, newPair, setMtu, setUp } from './requests.ts'

/** Something that is asked of a kernel. Resolves to what it said: an errno. */
export interface Operation {
  readonly what: string
  run(doors: KernelDoors): Promise<number>
}

const NAMES = 12
const NAMESPACES = 4

/** In a namespace, by name; undefined: the initial one. */
const inside = (where: string | undefined, request: () => Uint8Array) => async (doors: KernelDoors) => {
  if (where === undefined) {
    await using socket = await doors.netlink({ protocol: NETLINK_ROUTE })
    return (await ask(socket, request())).errno
  }
  await using namespace = await doors.namespaces.open({ name: where })
  await using socket = await doors.netlink({ protocol: NETLINK_ROUTE, namespace })
  return (await ask(socket, request())).errno
}

async function move(doors: KernelDoors, link: string, to: string): Promise<number> {
  await using namespace = await doors.namespaces.open({ name: to })
  await using socket = await doors.netlink({ protocol: NETLINK_ROUTE })
  return (await ask(socket, moveToFd(link, namespace.fd))).errno
}

/** Refusals of the doors count as answers, too. */
const answered = (run: (doors: KernelDoors) => Promise<number>) => async (doors: KernelDoors) => {
  try {
    return await run(doors)
  } catch (error) {
    if (error instanceof KernelError && error.code !== 'ECONNRESET' && error.code !== 'ENOTCONN') return error.errno
    throw error
  }
}

function choose(dice: RandomState): Operation {
  const roll = (n: number) => dice.next() % n
  const link = roll(3) === 0 ? `nk${roll(4)}` : `d${roll(NAMES)}`
  const ns = `ns${roll(NAMESPACES)}`
  const where = roll(3) === 0 ? ns : undefined
  const at = where === undefined ? '' : ` in ${where}`
  const single = roll(4) === 0
  switch (roll(10)) {
    case 0:
    case 1:
    case 2: {
      const what = `add ${link}${single ? ' single' : ''}${at}`
      return { what, run: inside(where, () => newPair(link, { l2: true, single })) }
    }
    case 3:
      return { what: `delete ${link}${at}`, run: inside(where, () => deleteLink(link)) }
    case 4: {
      const up = roll(3) > 0
      return { what: `${link} ${up ? 'up' : 'down'}${at}`, run: inside(where, () => setUp(link, up)) }
    }
    case 5: {
      const mtu = 60 + roll(3000)
      return { what: `${link} mtu ${mtu}${at}`, run: inside(where, () => setMtu(link, mtu)) }
    }
    case 6:
    case 7:
      return { what: `${link} to ${ns}`, run: (doors) => move(doors, link, ns) }
    case 8:
      return { what: `add ${ns}`, run: async (doors) => doors.namespaces.create(ns).then(() => 0) }
    default: {
      if (roll(3) > 0) return choose(dice)
      return { what: `remove ${ns}`, run: async (doors) => doors.namespaces.remove(ns).then(() => 0) }
    }
  }
}

/** Operations without end, the same for the same seed. Many are refused: names and namespaces are few. */
export function* operations(seed: number): Generator<Operation, never, undefined> {
  const dice = randomFrom(seed)
  while (true) {
    const { what, run } = choose(dice)
    yield { what, run: answered(run) }
  }
}
