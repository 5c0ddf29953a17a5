import { Chance } from '@netkit/netlink/testing'
import { ask, drain } from './ask.ts'
import { demand } from './broken.ts'
import { checkInside } from './check-inside.ts'
import { checkLeases } from './check-leases.ts'
import { checkLinks } from './check-links.ts'
import { type Caller, Machine } from './machine.ts'
import { nextOperation } from './operations/index.ts'
import type { Asked } from './operations/operation.ts'

/** How closely a sequence is watched: all messages after each step, or from inside only, with all messages at the end. */
export type Watch = 'closely' | 'loosely'

export interface Tally {
  steps: number
  refused: number
  carriedOut: number
  leases: number
}

const CALLERS: readonly Caller[] = [...new Array<Caller>(17).fill('root'), 'child', 'child', 'nobody']

/** Everything that holds at any time. */
export function checkAll(machine: Machine, thorough: boolean): void {
  machine.listen()
  checkLeases(machine, checkLinks(machine, thorough))
  checkInside(machine)
}

function run(machine: Machine, asked: Asked, caller: Caller, watch: Watch, tally: Tally): void {
  const before = watch === 'closely' ? machine.snapshot() : ''
  const { changes } = machine.kernel
  const socket = machine.socket(asked.place, caller, asked.protocol)
  const { ack } = ask(socket, asked.request)
  demand(socket.closed || drain(socket).length === 0, () => 'something more came after the answer')
  if (ack?.errno === 0) tally.carriedOut++
  else tally.refused++
  if (ack?.errno !== 0 && !asked.atomic) machine.altNamesUntold = true
  demand(!asked.must || caller !== 'root' || ack?.errno === 0, () => {
    return `refused although nothing is wrong: ${ack?.errno} ${ack?.extack.msg ?? ''}`
  })
  if (watch !== 'closely') return
  const after = machine.snapshot()
  demand(after === before || machine.kernel.changes !== changes, () => {
    return `something changed that was not counted as a change:\n${difference(before, after)}`
  })
  demand(after === before || !asked.atomic || !ack || ack.errno === 0, () => {
    return `it was refused with ${ack?.errno} and changed something:\n${difference(before, after)}`
  })
}

/** The first lines that are not the same. */
function difference(before: string, after: string): string {
  const [a, b] = [before.split('\n'), after.split('\n')]
  const at = a.findIndex((line, i) => line !== b[i])
  return `- ${a[at]}\n+ ${b[at]}`
}

/**
 * Runs what the numbers say, one step each; what a step is depends on its number and on what is there, so that any numbers
 * may be left out. Throws where an invariant breaks, and says after which steps.
 */
export function runSequence(steps: readonly number[], watch: Watch, tally: Tally): void {
  const machine = new Machine(1)
  const story: string[] = []
  try {
    for (const step of steps) {
      const chance = new Chance(step)
      const place = chance.odds(2, 3) ? machine.first : chance.pick(machine.places)
      const caller = chance.pick(CALLERS)
      const next = nextOperation({ machine, chance, place, caller })
      if (!next) continue
      tally.steps++
      story.push('request' in next ? `${caller} at ${place.label}: ${next.says}` : next.says)
      if ('request' in next) run(machine, next, caller, watch, tally)
      else next.run(machine)
      if (watch === 'closely') checkAll(machine, true)
      else {
        checkInside(machine)
        machine.listen()
      }
    }
    checkAll(machine, true)
    tally.leases += countLeases(machine)
    story.push('dismantle')
    machine.dismantle()
    checkAll(machine, true)
    checkEmpty(machine)
  } catch (e) {
    const lines = story.map((line, i) => `${i + 1}. ${line}`).join('\n')
    throw new Error(`${(e as Error).message}\nafter\n${lines}`, { cause: e })
  }
}

function countLeases({ kernel }: Machine): number {
  let leases = 0
  for (const dev of kernel.nics.nics.values()) {
    for (let i = 0; i < dev.realRxQueues; i++) if (dev.boundRxQueue(i)?.lease) leases++
  }
  return leases
}

/** After all namespaces and NICs have gone, what is left is the initial namespace, and what was made in it. */
function checkEmpty(machine: Machine): void {
  const { kernel } = machine
  demand(kernel.namespaces.size === 1, () => `${kernel.namespaces.size} namespaces are left`)
  const { initialNs } = kernel
  demand(initialNs.nsidOf.size <= 1, () => `${initialNs.nsidOf.size} ids of namespaces are left`)
  const links = machine.first.links()
  const alone = links.every((l) => l.linkNetnsid === undefined)
  demand(alone, () => 'a link leads to a namespace that is gone')
  demand(machine.first.pools().length === 0, () => 'page pools are left')
  machine.close()
  const ports = [...initialNs.ports.values()].reduce((sum, map) => sum + map.size, 0)
  demand(ports === 0, () => `${ports} sockets are left`)
  const listeners = [...initialNs.listeners.values()].reduce((sum, set) => sum + set.size, 0)
  demand(listeners === 0, () => `${listeners} listeners are left`)
  demand(kernel.processes.size === 0 && initialNs.holds === 1, () => `${initialNs.holds} hold the initial namespace`)
}
