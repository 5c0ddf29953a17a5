import { ATTACH_TYPE, BPF_COMMANDS, MAP_TYPE, makeStruct, PROG_TYPE } from '@netkit/bpf'
import { Kernel, type NetNamespace, openDoors, parseCapture, simulatedWorld } from '@netkit/kernel'
import { type BpfDoor, type LinkAttrs, type NamespaceHandle, type PacketDoor, RT_LINK } from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'
import {
  addressOf,
  type DatapathCase,
  DEVICES,
  ifindexOf,
  LINKS,
  namespaceOf,
  OBSERVERS,
  type Outcome,
  readObserved,
  type Settings,
  VALUE_BYTES,
} from './case.ts'

const CREATE = 0x605
const ACK = 5
const UP = 1
/** Types of packets, as packet sockets say to whom they were addressed. */
const TYPES = { unicast: 0, broadcast: 1, multicast: 2, promiscuous: 3 }
const C = BPF_COMMANDS

const macOf = (device: string): string =>
  addressOf(device)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':')

/** An embedded kernel with the devices of a case. */
class Machine {
  readonly kernel = new Kernel({ world: simulatedWorld() })
  readonly process = this.kernel.createProcess()
  readonly bpf: BpfDoor
  readonly packets: PacketDoor
  readonly namespaces = new Map<string, { readonly ns: NetNamespace; readonly handle: NamespaceHandle }>()

  constructor(settings: Settings) {
    const doors = openDoors(this.kernel, this.process)
    if (!doors.bpf || !doors.packets) throw new Error('an embedded kernel has these doors')
    this.bpf = doors.bpf
    this.packets = doors.packets
    for (const name of ['', 'p1', 'p2']) {
      const ns = name === '' ? this.kernel.initialNs : this.kernel.createNamespace()
      this.namespaces.set(name, { ns, handle: { fd: this.process.openNamespace(ns) } as NamespaceHandle })
    }
    for (const link of LINKS) {
      const peer = link.peer && {
        header: { ifindex: ifindexOf(link.peer) },
        ifname: link.peer,
        netNsFd: this.at(link.ns).handle.fd,
        ...(settings.mode === 'l2' || link.kind === 'veth' ? { address: macOf(link.peer) } : {}),
      }
      const address = settings.mode === 'l2' || link.kind !== 'netkit' ? { address: macOf(link.name) } : {}
      const { policy, peerPolicy, scrub, peerScrub, mode } = settings
      const data =
        link.kind === 'netkit'
          ? { mode, policy, peerPolicy, scrub, peerScrub, peerInfo: peer }
          : link.kind === 'veth'
            ? { peer }
            : undefined
      this.#ask(
        '',
        routeMessage(
          RT_LINK.newlink,
          { ifindex: ifindexOf(link.name) },
          {
            ifname: link.name,
            ...address,
            linkinfo: { kind: link.kind, ...(data && { data }) },
          } as LinkAttrs,
          { flags: CREATE },
        ),
      )
    }
    for (const device of DEVICES) {
      const ifindex = this.device(device).ifindex
      this.#ask(
        namespaceOf(device),
        routeMessage(RT_LINK.setlink, { ifindex, flags: UP, change: UP }, {}, { flags: ACK }),
      )
    }
  }

  at(ns = '') {
    return this.namespaces.get(ns)!
  }

  device(name: string) {
    const dev = this.at(namespaceOf(name)).ns.names.get(name)
    if (!dev) throw new Error(`no device ${name}`)
    return dev
  }

  #ask(ns: string, request: Uint8Array): void {
    const socket = this.kernel.openSocket({ protocol: 0, ns: this.at(ns).ns, process: this.process, extAck: true })
    socket.send(request)
    const { bytes } = socket.receive()!
    const error = new DataView(bytes.buffer, bytes.byteOffset).getInt32(16, true)
    if (error !== 0) throw new Error(`refused: ${error}`)
  }

  counters(name: string): number[] {
    const c = this.device(name).counters
    return [c.rxPackets, c.rxBytes, c.txPackets, c.txBytes, c.txDropped, c.rxDropped]
  }
}

/** Plays a case on an embedded kernel of its own. */
export async function playEmbedded({ settings, programs, sends }: DatapathCase): Promise<Outcome> {
  const machine = new Machine(settings)
  const { bpf } = machine
  const shape = { mapType: MAP_TYPE.array, keySize: 4, valueSize: VALUE_BYTES, maxEntries: OBSERVERS }
  const map = await bpf.call(C.mapCreate.id, makeStruct(C.mapCreate.attr, shape))
  for (const program of programs) await attach(machine, program, map)
  const before = new Map(DEVICES.map((name) => [name, machine.counters(name)]))
  const captures = await Promise.all(
    ['', 'p1', 'p2'].map((ns) => machine.packets.capture({ namespace: machine.at(ns).handle, drops: false })),
  )
  for (const { device, frame } of sends) {
    await machine.packets.transmit(device, [Buffer.from(frame, 'hex')], machine.at(namespaceOf(device)).handle)
  }
  const seen: Record<string, string[]> = {}
  for (const capture of captures) {
    await capture.close()
    const chunks: Uint8Array[] = []
    for await (const chunk of capture.read()) chunks.push(chunk)
    for (const record of parseCapture(Buffer.concat(chunks))) {
      const to = record.direction === 'outbound' ? 4 : TYPES[record.reception ?? 'unicast']
      const name = record.interface.name ?? '?'
      seen[name] ??= []
      seen[name].push(`${to} ${Buffer.from(record.data).toString('hex')}`)
    }
  }
  return {
    seen,
    counters: Object.fromEntries(
      DEVICES.map((name) => [name, machine.counters(name).map((n, i) => n - before.get(name)![i])] as const).filter(
        ([, counts]) => counts.some((n) => n !== 0),
      ),
    ),
    observed: await observed(machine, map),
  }
}

async function attach(machine: Machine, { code, maps, device, hook }: DatapathCase['programs'][number], map: number) {
  const { bpf } = machine
  const insns = bpf.memory(code.length / 2)
  insns.bytes.set(Buffer.from(code, 'hex'))
  const view = new DataView(insns.bytes.buffer, insns.bytes.byteOffset)
  for (const slot of maps) view.setUint32(slot * 8 + 4, map, true)
  const license = bpf.memory(4)
  license.bytes.set(new TextEncoder().encode('GPL'))
  const log = bpf.memory(1 << 16)
  const loading = {
    progType: PROG_TYPE.schedCls,
    insnCnt: code.length / 16,
    insns: insns.address,
    license: license.address,
    logLevel: 1,
    logSize: 1 << 16,
    logBuf: log.address,
  }
  const attachBpfFd = await bpf
    .call(C.progLoad.id, makeStruct(C.progLoad.attr, loading), { memory: [insns, license, log] })
    .catch((e: unknown) => {
      throw new Error(new TextDecoder().decode(log.bytes.subarray(0, log.bytes.indexOf(0))), { cause: e })
    })
  const where = { attachBpfFd, targetIfindex: machine.device(device).ifindex, attachType: ATTACH_TYPE[hook] }
  const { handle: namespace } = machine.at(namespaceOf(device))
  await bpf.call(C.progAttach.id, makeStruct(C.progAttach.attr, where), { namespace })
}

async function observed({ bpf }: Machine, mapFd: number): Promise<Outcome['observed']> {
  const result: Record<string, Record<string, number | string>> = {}
  for (let slot = 0; slot < OBSERVERS; slot++) {
    const key = bpf.memory(4)
    key.bytes[0] = slot
    const value = bpf.memory(VALUE_BYTES)
    const at = { mapFd, key: key.address, value: value.address }
    await bpf.call(C.mapLookupElem.id, makeStruct(C.mapLookupElem.attr, at), { memory: [key, value] })
    const view = new DataView(value.bytes.buffer, value.bytes.byteOffset)
    if (view.getUint32(0, true) !== 0) result[slot] = readObserved(view)
  }
  return result
}
