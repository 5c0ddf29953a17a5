import { ATTR_SIZE, BPF_COMMANDS, type BpfCommand, type Members, readStruct, writeStruct } from '@netkit/bpf'
import { type BpfMemory, errno } from '@netkit/netlink'
import type { Core } from '../net/core.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Process } from '../net/process.ts'
import type { BpfHandler } from './call/call.ts'
import { ClientMemory } from './call/memory.ts'
import { attachProgram, detachProgram } from './commands/attach.ts'
import { bindMap } from './commands/bind-map.ts'
import { loadBtf } from './commands/btf-load.ts'
import { enableStats } from './commands/enable-stats.ts'
import { objectInfo } from './commands/info.ts'
import { changeLink, createLink, detachLink } from './commands/link.ts'
import { deleteBatch, lookupAndDeleteBatch, lookupBatch, updateBatch } from './commands/map-batch.ts'
import { createMapObject } from './commands/map-create.ts'
import {
  deleteElementOf,
  freezeMap,
  lookupAndDelete,
  lookupElementOf,
  nextKey,
  updateElementOf,
} from './commands/map-elements.ts'
import { createIterator, createToken, openRawTracepoint, queryTaskFd } from './commands/nothing-here.ts'
import { nextId, openById } from './commands/objects.ts'
import { openPinned, pinObject } from './commands/pin.ts'
import { loadProgram } from './commands/program-load.ts'
import { queryPrograms } from './commands/query.ts'
import { testRun } from './commands/test-run.ts'
import type { BpfObjects } from './objects/objects.ts'

const PAGE = 4096

interface Served {
  readonly command: BpfCommand
  readonly handle: BpfHandler<Members>
}

const serve = <M extends Members>(command: BpfCommand<M>, handle: BpfHandler<M>): Served =>
  ({ command, handle }) as unknown as Served

const C = BPF_COMMANDS

const SERVED: ReadonlyMap<number, Served> = new Map(
  [
    serve(C.mapCreate, createMapObject),
    serve(C.mapLookupElem, lookupElementOf),
    serve(C.mapUpdateElem, updateElementOf),
    serve(C.mapDeleteElem, deleteElementOf),
    serve(C.mapGetNextKey, nextKey),
    serve(C.mapLookupAndDeleteElem, lookupAndDelete),
    serve(C.mapFreeze, freezeMap),
    serve(
      C.mapGetNextId,
      nextId(({ maps }) => maps),
    ),
    serve(
      C.mapGetFdById,
      openById(({ maps }) => maps),
    ),
    serve(C.mapLookupBatch, lookupBatch),
    serve(C.mapLookupAndDeleteBatch, lookupAndDeleteBatch),
    serve(C.mapUpdateBatch, updateBatch),
    serve(C.mapDeleteBatch, deleteBatch),
    serve(C.btfLoad, loadBtf),
    serve(
      C.btfGetNextId,
      nextId(({ btfs }) => btfs),
    ),
    serve(
      C.btfGetFdById,
      openById(({ btfs }) => btfs),
    ),
    serve(C.progLoad, loadProgram),
    serve(C.enableStats, enableStats),
    serve(C.progBindMap, bindMap),
    serve(C.rawTracepointOpen, openRawTracepoint),
    serve(C.taskFdQuery, queryTaskFd),
    serve(C.iterCreate, createIterator),
    serve(C.tokenCreate, createToken),
    serve(C.objPin, pinObject),
    serve(C.objGet, openPinned),
    serve(C.progAttach, attachProgram),
    serve(C.progDetach, detachProgram),
    serve(C.objGetInfoByFd, objectInfo),
    serve(C.progQuery, queryPrograms),
    serve(C.progTestRun, testRun),
    serve(
      C.progGetNextId,
      nextId(({ programs }) => programs),
    ),
    serve(
      C.progGetFdById,
      openById(({ programs }) => programs),
    ),
    serve(C.linkCreate, createLink),
    serve(C.linkUpdate, changeLink),
    serve(C.linkDetach, detachLink),
    serve(
      C.linkGetNextId,
      nextId(({ links }) => links),
    ),
    serve(
      C.linkGetFdById,
      openById(({ links }) => links),
    ),
  ].map((served) => [served.command.id, served]),
)

/** Who calls bpf(2), and where. */
export interface BpfCaller {
  readonly kernel: Core
  readonly objects: BpfObjects
  readonly process: Process
  readonly netns: NetNamespace
}

/**
 * bpf(2): carries out a command and writes its results into `attr` and the client's memory. Returns 0, a descriptor, or a
 * negative errno. Source: spec 02 §2.2.
 */
export function bpf(caller: BpfCaller, number: number, attr: Uint8Array, memory: readonly BpfMemory[]): number {
  if (attr.length > PAGE || isUsed(attr, ATTR_SIZE)) return -errno.E2BIG
  const served = SERVED.get(number)
  if (!served) return -errno.EINVAL
  const { attr: layout } = served.command
  if (isUsed(attr, layout.end)) return -errno.EINVAL
  const result = served.handle({
    ...caller,
    attr: readStruct(layout, attr),
    memory: new ClientMemory(memory),
    write: (values) => void writeStruct(layout, attr, values),
  })
  if (result >= 0) caller.kernel.changes++
  return result
}

/** Whether anything but zeros follows. */
const isUsed = (bytes: Uint8Array, from: number): boolean => bytes.subarray(from).some((byte) => byte !== 0)
