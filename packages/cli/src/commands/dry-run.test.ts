import { embedded, simulatedWorld } from '@netkit/kernel'
import { Data, type FamilyById, type KernelDoors, layoutOf, type NetlinkDoor, splitMessages } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import { isGroup } from '../grammar/command.ts'
import { difference, readState } from '../process/testing/state.ts'
import { familyIds } from '../testing/families.ts'
import { objectFile } from '../testing/object-file.ts'
import { LEASED, shell } from '../testing/shell.ts'
import type { KernelControl } from './context.ts'
import { ENTRIES } from './tree.ts'

const READS = 'only reads'

/** For every command there is, a line that changes something on the bench below, or that it never does. */
const LINES: Readonly<Record<string, readonly string[] | typeof READS>> = {
  'addr add': ['addr add 10.0.0.1/24 dev d0'],
  'addr replace': ['addr replace 10.0.0.1/24 dev d0'],
  'addr del': ['addr del 10.0.0.1/24 dev d0'],
  'addr show': READS,
  'addr flush': READS,
  'route add': ['route add 10.1.0.0/16 dev d0'],
  'route replace': ['route replace 10.1.0.0/16 dev d0'],
  'route append': ['route append 10.1.0.0/16 dev d0'],
  'route change': ['route change 10.1.0.0/16 dev d0'],
  'route prepend': ['route prepend 10.1.0.0/16 dev d0'],
  'route del': ['route del 10.1.0.0/16 dev d0'],
  'route show': READS,
  'route get': READS,
  'route flush': READS,
  'rule add': ['rule add from 10.0.0.0/8 table 7', 'rule add inet6 fwmark 1/3 blackhole'],
  'rule del': ['rule del priority 32767'],
  'rule show': READS,
  'rule flush': ['rule flush'],
  'neigh add': ['neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev d0'],
  'neigh replace': ['neigh replace 10.0.0.9 lladdr 02:00:00:00:00:09 dev d0'],
  'neigh change': ['neigh change 10.0.0.9 lladdr 02:00:00:00:00:09 dev d0'],
  'neigh get': READS,
  'neigh flush': READS,
  'neigh del': ['neigh del 10.0.0.9 dev d0'],
  'neigh show': READS,
  'link add': [
    'link add a type netkit peer name b netns pod up alias hello',
    'link add a index 77 altname x altname y type veth peer name b',
    '-n pod link add a type dummy',
  ],
  'link set': [
    'link set d0 mtu 1400 up alias new',
    'link set d0 netns pod name d1 up',
    'link set p0 type netkit blackhole peer policy blackhole',
  ],
  'link del': ['link del d0', 'link del p0', 'link del group 7'],
  'link property': ['link property add d0 altname one two', 'link property del p0 altname other'],
  'link show': READS,
  'netns add': ['netns add new'],
  'netns set': ['netns set empty 9', 'netns set empty auto'],
  'netns del': ['netns del pod', 'netns del pod empty'],
  'netns exec': ['netns exec pod link set nk0 down'],
  'netns list': READS,
  'netns identify': READS,
  'netns list-id': READS,
  'lease add': ['lease add dev nk0 netns pod from eth0 queue 2'],
  'lease show': READS,
  'lease del': READS,
  'nic add': ['nic add eth7 queues 3', '-n pod nic add'],
  'nic del': ['nic del eth0'],
  'nic play': ['nic play eth0'],
  'nic wire': ['nic wire eth0 none', 'nic wire eth0 to eth1'],
  'nic steer': ['nic steer eth0 flow-type tcp4 dst-port 8080 action 1', 'nic steer eth0 del 1023'],
  'nic rss': ['nic rss eth0 equal 2'],
  'nic show': READS,
  'nic impair': ['nic impair eth0 rx loss 1%', 'nic impair eth0 none'],
  'fault restart': ['fault restart eth0 queue 0 at start'],
  'fault dump': ['fault dump'],
  'fault overrun': ['fault overrun'],
  'fault stall': ['fault stall 2'],
  'fault clear': ['fault clear'],
  'fault show': READS,
  'channels set': ['channels set dev eth1 combined 2'],
  'channels show': READS,
  'rings set': ['rings set dev eth0 rx 512'],
  'rings show': READS,
  'features set': ['features set dev eth0 gro off'],
  'features show': READS,
  send: ['send d0 frames.pcap'],
  apply: ['apply -f web.yaml'],
  plan: READS,
  diff: READS,
  export: READS,
  schema: READS,
  sysctl: ['sysctl net.ipv4.ip_forward=1'],
  trace: READS,
  ping: READS,
  'kernel start': ['kernel start'],
  'kernel stop': ['kernel stop discard'],
  'kernel status': READS,
  'kernel log': READS,
  'kernel version': READS,
  doctor: READS,
  stats: READS,
  top: READS,
  'prog tracelog': READS,
  'prog load': ['prog load pass.o /sys/fs/bpf/pass'],
  'prog attach': [
    'prog attach pass.o dev p0 at primary',
    'prog attach pass.o dev p0 at ingress pin /sys/fs/bpf/link',
    '-n pod prog attach /sys/fs/bpf/kept dev nk0 at egress first',
  ],
  'prog detach': ['prog detach dev d0 at ingress', 'prog detach link 1'],
  'prog update': ['prog update link 1 pass.o'],
  'prog unpin': ['prog unpin /sys/fs/bpf/kept'],
  'prog run': ['prog run /sys/fs/bpf/kept data 00112233445566778899aabbccddeeff0011'],
  'prog show': READS,
  'prog profile': READS,
  'prog links': READS,
  'prog dump': READS,
  'map create': ['map create /sys/fs/bpf/new type array key 4 value 4 entries 4'],
  'map update': ['map update /sys/fs/bpf/hash 1 2'],
  'map delete': ['map delete /sys/fs/bpf/hash 1'],
  'map push': ['map push /sys/fs/bpf/queue 7'],
  'map pop': ['map pop /sys/fs/bpf/queue'],
  'map peek': READS,
  'map show': READS,
  'map dump': READS,
  'map lookup': READS,
  'map watch': READS,
  'queue show': READS,
  'queue stats': READS,
  'napi show': READS,
  'page-pool show': READS,
  'dev show': READS,
  monitor: READS,
  capture: READS,
  'family show': READS,
  replay: READS,
  completion: READS,
  __complete: READS,
}

const BENCH = [
  ...LEASED,
  'nic add eth1 queues 4 address 02:00:00:00:00:03',
  'netns add empty',
  'link add d0 up type dummy',
  'link add g0 group 7 type dummy',
  'link add p0 altname other type netkit peer name p1 netns pod',
  'nic steer eth0 flow-type tcp4 dst-port 80 action 1 loc 1023',
  'prog load pass.o /sys/fs/bpf/kept',
  'prog attach /sys/fs/bpf/kept dev d0 at ingress',
  'prog attach pass.o dev d0 at egress pin /sys/fs/bpf/held',
  'map create /sys/fs/bpf/hash type hash key 4 value 4 entries 4',
  'map update /sys/fs/bpf/hash 1 1',
  'map create /sys/fs/bpf/queue type queue value 4 entries 4',
  'map push /sys/fs/bpf/queue 5',
]

/** r0 = 0; exit */
const PASS = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0)

/** A capture with one frame of 14 bytes. */
function pcap(): Uint8Array {
  const view = new DataView(new ArrayBuffer(24 + 16 + 14))
  const words: [number, number][] = [
    [0, 0xa1b2_c3d4],
    [4, 0x0004_0002],
    [16, 65_535],
    [20, 1],
    [32, 14],
    [36, 14],
  ]
  for (const [at, value] of words) view.setUint32(at, value, true)
  return new Uint8Array(view.buffer)
}

/** Commands of bpf(2) that read, and those that make what goes with its descriptor. */
const HARMLESS_BPF: ReadonlySet<number> = new Set([0, 1, 4, 5, 7, 32, 11, 12, 13, 14, 15, 16, 18, 19, 23, 24, 30, 31])

/** What reached the kernel's doors and may have changed something. */
function spied(doors: KernelDoors, families: FamilyById, changes: string[]): KernelDoors {
  const noted = <T extends object>(door: T | undefined, name: string, harmless: readonly string[]): T | undefined =>
    door &&
    new Proxy(door, {
      get(target, key) {
        const member = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          if (!harmless.includes(String(key))) changes.push(`${name}.${String(key)}`)
          return member.apply(target, args)
        }
      },
    })
  const look = (protocol: number, bytes: Uint8Array) => {
    for (const { header, start } of splitMessages(bytes)) {
      const name = layoutOf(protocol, header.type, new Data(bytes).u8(start + 16), families)?.c
      if (!/^RTM_GET|_GET$|GETFAMILY$/.test(name ?? '')) changes.push(`${protocol}: ${name ?? header.type}`)
    }
  }
  return {
    kind: doors.kind,
    release: doors.release,
    namespaces: noted(doors.namespaces, 'namespaces', ['list', 'open'])!,
    hardware: noted(doors.hardware, 'hardware', ['listNics', 'progress', 'impairments', 'faults']),
    packets: noted(doors.packets, 'packets', ['capture']),
    sysctl: noted(doors.sysctl, 'sysctl', ['read']),
    bpf: doors.bpf && {
      cpus: doors.bpf.cpus,
      pins: noted(doors.bpf.pins, 'pins', ['list'])!,
      memory: (size) => doors.bpf!.memory(size),
      async call(command, ...rest) {
        if (!HARMLESS_BPF.has(command)) changes.push(`bpf ${command}`)
        return await doors.bpf!.call(command, ...rest)
      },
      closeFile: (fd) => doors.bpf!.closeFile(fd),
      ring: (fd) => doors.bpf!.ring(fd),
      tracePipe: () => doors.bpf!.tracePipe(),
      perfBuffer: (options) => doors.bpf!.perfBuffer(options),
    },
    ethtoolIoctl: doors.ethtoolIoctl && {
      ethtool(device, command, namespace) {
        const number = new DataView(command.buffer, command.byteOffset).getUint32(0, true)
        if (number < 0x2d || number > 0x30) changes.push(`ethtool ${number}`)
        return doors.ethtoolIoctl!.ethtool(device, command, namespace)
      },
    },
    async netlink(options) {
      const socket = await doors.netlink(options)
      return new Proxy(socket, {
        get(target, key) {
          const member = Reflect.get(target, key)
          if (typeof member !== 'function') return member
          return (...args: unknown[]) => {
            if (key === 'send') look(options.protocol, args[0] as Uint8Array)
            return member.apply(target, args)
          }
        },
      }) as NetlinkDoor
    },
    close: () => doors.close(),
    [Symbol.asyncDispose]: () => doors.close(),
  }
}

async function bench() {
  const provider = embedded({ world: simulatedWorld() })
  const netkit = shell()
  netkit.files.set('frames.pcap', pcap())
  netkit.files.set('pass.o', objectFile('pass', 'tc', PASS))
  netkit.files.set(
    'web.yaml',
    new TextEncoder().encode('version: 1\nset: web\npairs:\n  nk7: { peer: { netns: pod } }\n'),
  )
  for (const line of BENCH) expect(await netkit(line, { kernel: provider }), line).toMatchObject({ status: 0 })
  const changes: string[] = []
  const control: KernelControl = {
    start: () => Promise.reject(new Error('started')),
    stop: () => Promise.reject(new Error('stopped')),
    status: async () => undefined,
    log: () => {
      throw new Error('not asked for')
    },
  }
  const families = await familyIds(provider)
  const kernel = async () => spied(await provider(), families, changes)
  const state = async () => {
    await using doors = await provider()
    return await readState(doors)
  }
  return { run: (line: string) => netkit(line, { kernel, control }), changes, state }
}

test('every command is in the list', () => {
  const all = ENTRIES.flatMap((e) => (isGroup(e) ? e.commands.map((c) => `${e.name} ${c.name}`) : [e.name]))
  expect(Object.keys(LINES).sort()).toEqual(all.sort())
})

describe('nothing is changed by', () => {
  const lines = Object.values(LINES).flatMap((list) => (list === READS ? [] : list))

  test.each(lines)('netkit -dry-run %s', async (line) => {
    const { run, changes, state } = await bench()
    const before = await state()
    const { status, out, err } = await run(`-dry-run ${line}`)
    expect({ status, changes }).toEqual({ status: 0, changes: [] })
    expect(err).toMatch(/^(Would [^\n]+\n)*$/)
    expect(out).not.toBe('')
    const json = await run(`-dry-run -j ${line}`)
    // A file of declared state is shown as steps rather than as requests.
    if (line.startsWith('apply')) expect(JSON.parse(json.out).steps).not.toEqual([])
    else expect(JSON.parse(json.out)[0]).toHaveProperty('door')
    expect(changes).toEqual([])
    expect(difference(before, await state())).toBe('')
  })

  test.each(lines)('but by netkit %s: the spy would see it', async (line) => {
    const { run, changes } = await bench()
    const { status } = await run(line)
    if (/^kernel/.test(line)) expect(status).toBe(255)
    else expect(changes).not.toEqual([])
  })
})
