import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ALL_CAPABILITIES, CAP_NET_ADMIN, Kernel, openDoors, without } from '@netkit/kernel'
import { IO_URING_PARAMS, IORING_REGISTER_ZCRX_IFQ, type KernelDoors, KernelError } from '@netkit/netlink'
import { expect, test } from 'vitest'
import { CaseMemory, type Fields } from './zcrx/structures.ts'

interface Fault extends Readonly<Record<string, unknown>> {
  readonly name: string
  readonly user?: number
  readonly ring?: string
  readonly argument?: string
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, 'zcrx', file), 'utf8'))
const { faults } = read('registration-faults.json') as { readonly faults: readonly Fault[] }
/** What Linux 7.3 says of each fault by itself, and with each of those after it; `-` where two change the same thing. */
const { answers } = read('registration.linux.json') as { readonly answers: Readonly<Record<string, string>> }

const KINDS = ['reg', 'area', 'region', 'event'] as const
const BASE: Readonly<Record<(typeof KINDS)[number], Fields>> = {
  reg: { rq_entries: 64, flags: 2, area_ptr: 'structs+96', region_ptr: 'structs+192' },
  area: { addr: 'mem', len: 65536 },
  region: { user_addr: 'ring', size: 8192, flags: 1 },
  event: { type_mask: 3 },
}

/** Makes a ring and registers with all the faults at once. */
function register(doors: KernelDoors, memory: CaseMemory, wrong: readonly Fault[]): string {
  const event = wrong.some((fault) => 'event' in fault) ? { event_desc: 'structs+288' } : {}
  for (const [n, kind] of KINDS.entries()) {
    const fields = Object.assign(
      {},
      BASE[kind],
      kind === 'reg' ? event : {},
      ...wrong.map((fault) => fault[kind] ?? {}),
    )
    memory.put(kind, memory.address(`structs+${96 * n}`), fields)
  }
  const params = new Uint8Array(IO_URING_PARAMS.size)
  const flags = Number(wrong.find((fault) => fault.ring)?.ring ?? '0x3800')
  new DataView(params.buffer).setUint32(IO_URING_PARAMS.flags, flags, true)
  const ring = doors.zcrx?.setup(8, params)
  const argument = memory.address(wrong.find((fault) => fault.argument)?.argument ?? 'structs')
  try {
    return String(ring?.register(IORING_REGISTER_ZCRX_IFQ, argument, 1))
  } catch (error) {
    if (error instanceof KernelError) return error.code
    throw error
  } finally {
    ring?.close()
  }
}

function setUp() {
  const kernel = new Kernel()
  const clients = [ALL_CAPABILITIES, without(ALL_CAPABILITIES, CAP_NET_ADMIN)].map((capabilities) => {
    const doors = openDoors(kernel, kernel.createProcess({ credentials: { ...kernel.root, capabilities } }))
    return { doors, memory: new CaseMemory(doors) }
  })
  return (wrong: readonly Fault[]): string => {
    const { doors, memory } = clients[wrong.some((fault) => fault.user) ? 1 : 0]
    return register(doors, memory, wrong)
  }
}

test('a registration without faults is taken', () => {
  expect(setUp()([])).toBe(answers[''])
})

test.each(faults.map((fault, n) => ({ ...fault, n })))(
  'registration for zero-copy receive as on Linux: $name',
  ({ n, name }) => {
    const ask = setUp()
    const [alone, ...rest] = answers[name].split(' ')
    expect(ask([faults[n]])).toBe(alone)
    const others = faults.slice(n + 1)
    const told = others.map((other, i) => `${other.name}: ${rest[i] === '-' ? '-' : ask([faults[n], other])}`)
    expect(told).toEqual(others.map((other, i) => `${other.name}: ${rest[i]}`))
  },
)
