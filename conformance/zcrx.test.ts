import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ALL_CAPABILITIES, CAP_NET_ADMIN, Kernel, openDoors, type Process, without } from '@netkit/kernel'
import { AF_INET } from '@netkit/netlink'
import { expect, test } from 'vitest'
import { ask, type Fault, type Table } from './zcrx/ask.ts'
import { CaseMemory } from './zcrx/structures.ts'

const read = (file: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, 'zcrx', file), 'utf8'))
const TABLES = ['registration', 'import', 'control', 'submission']

/** A kernel with two clients, the second without privileges. */
async function setUp(table: Table) {
  const kernel = new Kernel()
  const client = async (capabilities: bigint) => {
    const process = kernel.createProcess({ credentials: { ...kernel.root, capabilities } })
    const doors = openDoors(kernel, process)
    const memory = new CaseMemory(doors)
    await openFiles(doors, process, memory)
    return { doors, memory, process }
  }
  const root = await client(ALL_CAPABILITIES)
  const user = await client(without(ALL_CAPABILITIES, CAP_NET_ADMIN))
  return (faults: readonly Fault[]): string => ask(table, faults, faults.some((fault) => fault.user) ? user : root)
}

/** The descriptors that cases name. */
async function openFiles(doors: ReturnType<typeof openDoors>, process: Process, memory: CaseMemory): Promise<void> {
  const never = await doors.streams?.socket(AF_INET, 0)
  const listener = await doors.streams?.socket(AF_INET, 0)
  await listener?.listen(1)
  // Sockets of UDP have no descriptor that the door would tell.
  const udp = process.openFile('socket', { kind: 'udp', hold: () => undefined, release: () => undefined })
  memory.name('@file', 0)
  memory.name('@udp', udp)
  memory.name('@tcp', never?.fd ?? -1)
  memory.name('@listener', listener?.fd ?? -1)
}

for (const name of TABLES) {
  const table = read(`${name}.json`) as Table
  /** What Linux 7.3 says of each fault by itself, then with each of those after it; `-` where two change the same thing. */
  const { answers } = read(`${name}.linux.json`) as { readonly answers: Readonly<Record<string, string>> }

  test(`${name} for zero-copy receive without a fault as on Linux`, async () => {
    expect((await setUp(table))([])).toBe(answers[''])
  })

  test.each(table.faults.map((fault, n) => ({ ...fault, n })))(
    `${name} for zero-copy receive as on Linux: $name`,
    async ({ n, name: fault }) => {
      const asked = await setUp(table)
      const [alone, ...rest] = answers[fault].split(' ')
      expect(asked([table.faults[n]])).toBe(alone)
      const others = table.faults.slice(n + 1)
      const told = others.map((other, i) => `${other.name}: ${rest[i] === '-' ? '-' : asked([table.faults[n], other])}`)
      expect(told).toEqual(others.map((other, i) => `${other.name}: ${rest[i]}`))
    },
  )
}
