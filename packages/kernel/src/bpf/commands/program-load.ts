import {
  type BPF_COMMANDS,
  type Code,
  decode,
  encode,
  LINE_INFO_BYTES,
  PROG_FLAG,
  PROG_TYPE,
  SLOT_BYTES,
  type Verdict,
  type VerifiedFacts,
  verify,
} from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { BpfCall } from '../call/call.ts'
import { mayAdministerNet, maySeeAddresses, mayUseBpf } from '../call/capable.ts'
import { btfAt, mapAt, objectAt } from '../call/files.ts'
import { isObjectName } from '../call/name.ts'
import { isGplCompatible } from '../load/license.ts'
import { isLogRequest, writeLog } from '../load/log.ts'
import {
  type BadReference,
  findReferences,
  type References,
  withAddresses,
  withIds,
  withoutMaps,
} from '../load/references.ts'
import { sha256 } from '../load/sha256.ts'
import { readTypeInfo, type TypeInfo } from '../load/type-info.ts'
import type { BpfBtf } from '../objects/btf.ts'
import type { BpfMap } from '../objects/map.ts'
import type { BpfObject } from '../objects/object.ts'

type LoadCall = BpfCall<(typeof BPF_COMMANDS.progLoad)['attr']['members']>

const MOST_INSTRUCTIONS = 1_000_000
const LICENSE_BYTES = 128
const FLAGS = Object.values(PROG_FLAG).reduce((all, flag) => all | flag, 0)
const TYPES: ReadonlySet<number> = new Set([PROG_TYPE.schedCls, PROG_TYPE.schedAct, PROG_TYPE.xdp])

/** Verifies a program, makes it ready to run and opens it. Source: spec 02 §3.1, in its order. */
export function loadProgram(call: LoadCall): number {
  const { attr, memory } = call
  const refused = checkLoader(call)
  if (refused !== 0) return refused
  const instructions = memory.at(attr.insns, attr.insnCnt * SLOT_BYTES)
  const license = memory.text(attr.license, LICENSE_BYTES)
  if (!instructions || !license) return -errno.EFAULT
  if (!TYPES.has(attr.progType) || !isObjectName(attr.progName)) return -errno.EINVAL
  if (!isLogRequest(attr)) return -errno.EINVAL
  const boundTo = boundDevice(call)
  if (typeof boundTo === 'number') return boundTo
  const code = decode(instructions.slice())
  const isGpl = isGplCompatible(new TextDecoder().decode(license))
  const outcome = examine(call, code, isGpl)
  const { error, trueSize } = writeLog(attr, memory, outcome.log)
  call.write({ logTrueSize: trueSize })
  if (error !== 0) return error
  return 'error' in outcome ? outcome.error : install(call, code, isGpl, outcome, boundTo)
}

/** The device that a program is loaded for, to use what that knows of packets. Programs for hardware are refused. */
function boundDevice({ attr, netns }: LoadCall): Device | undefined | number {
  if (attr.progIfindex === 0) return undefined
  const flags = attr.progFlags
  const boundOnly = (flags & PROG_FLAG.xdpDevBoundOnly) !== 0
  const known = (flags & ~(PROG_FLAG.xdpDevBoundOnly | PROG_FLAG.xdpHasFrags)) === 0
  if (attr.progType !== PROG_TYPE.xdp || !boundOnly || !known) return -errno.EINVAL
  const dev = netns.devices.get(attr.progIfindex)
  return dev?.driver.xdp ? dev : -errno.EINVAL
}

/** What is asked before anything is read. */
function checkLoader(call: LoadCall): number {
  const { attr, process } = call
  if ((attr.progFlags & ~FLAGS) !== 0) return -errno.EINVAL
  // Tokens cannot be made here, so that no descriptor is one.
  if ((attr.progFlags & PROG_FLAG.tokenFd) !== 0)
    return process.files.has(attr.progTokenFd) ? -errno.EINVAL : -errno.EBADF
  if (!mayUseBpf(call)) return -errno.EPERM
  if (attr.insnCnt === 0 || attr.insnCnt > MOST_INSTRUCTIONS) return -errno.E2BIG
  if (!mayAdministerNet(call)) return -errno.EPERM
  // Such that hang on another program or a function of the kernel.
  return attr.attachBtfId !== 0 || attr.attachProgFd !== 0 ? -errno.EINVAL : 0
}

interface Refused {
  readonly error: number
  readonly log: readonly string[]
}

interface Accepted {
  readonly log: readonly string[]
  readonly verdict: Verdict
  readonly facts: VerifiedFacts
  readonly references: References
  /** What it holds, each once. */
  readonly uses: readonly BpfObject[]
}

/** Whether the program may be loaded, and what is said about it. */
function examine(call: LoadCall, code: Code, gpl: boolean): Accepted | Refused {
  const { attr, process, objects } = call
  const uses = usesOf(call)
  if (typeof uses === 'number') return { error: uses, log: [] }
  const references = findReferences(code, process, objects.memory, (index) => fdInArray(call, index))
  if ('error' in references) return { error: references.error, log: [references.line] }
  const told = typeInfoOf(call, code, uses)
  if ('error' in told) return { error: told.error, log: [told.line] }
  const verdict = verify({
    code,
    programType: attr.progType,
    attachType: attr.expectedAttachType,
    gpl,
    perfmon: maySeeAddresses(call),
    strictAlignment: (attr.progFlags & PROG_FLAG.strictAlignment) !== 0,
    resolved: references.resolved,
    ...told,
    logLevel: attr.logLevel & 3,
  })
  const { facts, log } = verdict
  if (!facts) return { error: -verdict.errno, log }
  const all = new Set<BpfObject>([...uses, ...references.maps.values()])
  return { log, verdict, facts, references, uses: [...all] }
}

/** What the loader told of functions and lines. */
function typeInfoOf(
  call: LoadCall,
  code: Code,
  uses: readonly BpfObject[],
): (Partial<TypeInfo> & Pick<TypeInfo, 'lines'>) | BadReference {
  const btf = uses.at(-1)
  const tells = call.attr.funcInfoCnt > 0 || call.attr.lineInfoCnt > 0
  return tells && btf?.kind === 'btf' ? readTypeInfo(call, code, btf as BpfBtf) : { lines: new Map() }
}

function fdInArray({ attr, memory }: LoadCall, index: number): number | undefined {
  if (attr.fdArray === 0n) return undefined
  const bytes = memory.at(attr.fdArray + BigInt(index) * 4n, 4)
  return bytes && new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true)
}

/** Types and maps that the loader wants it to hold. */
function usesOf(call: LoadCall): BpfObject[] | number {
  const { attr, process } = call
  const uses: BpfObject[] = []
  for (let i = 0; i < attr.fdArrayCnt; i++) {
    const fd = fdInArray(call, i)
    if (fd === undefined) return -errno.EFAULT
    const map = mapAt(process, fd)
    const object = typeof map === 'number' ? objectAt(process, fd, 'btf') : map
    if (typeof object === 'number') return object
    uses.push(object as BpfObject)
  }
  if (attr.funcInfoCnt === 0 && attr.lineInfoCnt === 0) return uses
  const btf = btfAt(process, attr.progBtfFd)
  if (typeof btf === 'number') return btf
  return [...uses, btf]
}

/** The line info of a program, as it was given. */
function linesOf({ attr, memory }: LoadCall): Uint8Array {
  if (attr.lineInfoRecSize !== LINE_INFO_BYTES) return new Uint8Array(0)
  return memory.at(attr.lineInfo, attr.lineInfoCnt * LINE_INFO_BYTES)?.slice() ?? new Uint8Array(0)
}

function install(
  call: LoadCall,
  code: Code,
  gplCompatible: boolean,
  { references, uses, verdict, facts }: Accepted,
  boundTo: Device | undefined,
): number {
  const { attr, objects, process, kernel } = call
  const kind = {
    type: attr.progType,
    expectedAttachType: attr.expectedAttachType,
    takesFragments: (attr.progFlags & PROG_FLAG.xdpHasFrags) !== 0,
  }
  const withPrograms = uses.filter((use): use is BpfMap => use.kind === 'map' && (use as BpfMap).canHoldPrograms)
  if (!withPrograms.every((map) => map.takesPrograms(kind))) return -errno.EINVAL
  const loaded = objects.runtime.load(attr.progName, withAddresses(code, references, objects.memory), attr.progType)
  if (!loaded) return -errno.ENOMEM
  const program = objects.addProgram({
    ...loaded,
    needs: objects.needs.of(attr.progType, code, facts),
    ...kind,
    boundTo,
    name: attr.progName,
    tag: sha256(withoutMaps(code, references)).subarray(0, 8),
    gplCompatible,
    uid: process.credentials.uid,
    loadedAt: kernel.world.now(),
    instructions: references.maps.size > 0 ? withIds(code, references) : encode(code),
    lines: linesOf(call),
    verifiedInstructions: verdict.looked,
    uses,
  })
  return process.openObject(program)
}
