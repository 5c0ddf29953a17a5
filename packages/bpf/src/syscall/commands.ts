import { type Layout, layout, type Members, s32, text, u32, u64 } from './layout.ts'

/** Bytes of a `union bpf_attr` that this kernel knows. Source: spec 02 §2.2. */
export const ATTR_SIZE = 168

/** A command of bpf(2): its number and where its arguments are in `union bpf_attr`. */
export interface BpfCommand<M extends Members = Members> {
  readonly id: number
  /** The uapi's name. */
  readonly c: string
  readonly attr: Layout<M>
}

const command = <const M extends Members>(id: number, c: string, members: M): BpfCommand<M> => ({
  id,
  c,
  attr: layout(members),
})

const element = { mapFd: u32(0), key: u64(8), value: u64(16), flags: u64(24) } as const
const batch = {
  inBatch: u64(0),
  outBatch: u64(8),
  keys: u64(16),
  values: u64(24),
  count: u32(32),
  mapFd: u32(36),
  elemFlags: u64(40),
  flags: u64(48),
} as const
const pin = { pathname: u64(0), bpfFd: u32(8), fileFlags: u32(12), pathFd: s32(16) } as const
const nextId = { startId: u32(0), nextId: u32(4), openFlags: u32(8) } as const
const byId = { id: u32(0), nextId: u32(4), openFlags: u32(8) } as const
const attach = {
  targetIfindex: u32(0),
  attachBpfFd: u32(4),
  attachType: u32(8),
  attachFlags: u32(12),
  replaceBpfFd: u32(16),
  relative: u32(20),
  expectedRevision: u64(24),
} as const

/** Source: uapi enum bpf_cmd and union bpf_attr, spec 02 §2.2, §3.1, §3.8, §6.1. */
export const BPF_COMMANDS = {
  mapCreate: command(0, 'BPF_MAP_CREATE', {
    mapType: u32(0),
    keySize: u32(4),
    valueSize: u32(8),
    maxEntries: u32(12),
    mapFlags: u32(16),
    innerMapFd: u32(20),
    numaNode: u32(24),
    mapName: text(28, 16),
    mapIfindex: u32(44),
    btfFd: u32(48),
    btfKeyTypeId: u32(52),
    btfValueTypeId: u32(56),
    btfVmlinuxValueTypeId: u32(60),
    mapExtra: u64(64),
    valueTypeBtfObjFd: s32(72),
    mapTokenFd: s32(76),
    exclProgHash: u64(80),
    exclProgHashSize: u32(88),
  }),
  mapLookupElem: command(1, 'BPF_MAP_LOOKUP_ELEM', element),
  mapUpdateElem: command(2, 'BPF_MAP_UPDATE_ELEM', element),
  mapDeleteElem: command(3, 'BPF_MAP_DELETE_ELEM', { mapFd: u32(0), key: u64(8) }),
  mapGetNextKey: command(4, 'BPF_MAP_GET_NEXT_KEY', { mapFd: u32(0), key: u64(8), nextKey: u64(16) }),
  progLoad: command(5, 'BPF_PROG_LOAD', {
    progType: u32(0),
    insnCnt: u32(4),
    insns: u64(8),
    license: u64(16),
    logLevel: u32(24),
    logSize: u32(28),
    logBuf: u64(32),
    kernVersion: u32(40),
    progFlags: u32(44),
    progName: text(48, 16),
    progIfindex: u32(64),
    expectedAttachType: u32(68),
    progBtfFd: u32(72),
    funcInfoRecSize: u32(76),
    funcInfo: u64(80),
    funcInfoCnt: u32(88),
    lineInfoRecSize: u32(92),
    lineInfo: u64(96),
    lineInfoCnt: u32(104),
    attachBtfId: u32(108),
    attachProgFd: u32(112),
    coreReloCnt: u32(116),
    fdArray: u64(120),
    coreRelos: u64(128),
    coreReloRecSize: u32(136),
    logTrueSize: u32(140),
    progTokenFd: s32(144),
    fdArrayCnt: u32(148),
  }),
  objPin: command(6, 'BPF_OBJ_PIN', pin),
  objGet: command(7, 'BPF_OBJ_GET', pin),
  progAttach: command(8, 'BPF_PROG_ATTACH', attach),
  progDetach: command(9, 'BPF_PROG_DETACH', attach),
  progTestRun: command(10, 'BPF_PROG_TEST_RUN', {
    progFd: u32(0),
    retval: u32(4),
    dataSizeIn: u32(8),
    dataSizeOut: u32(12),
    dataIn: u64(16),
    dataOut: u64(24),
    repeat: u32(32),
    duration: u32(36),
    ctxSizeIn: u32(40),
    ctxSizeOut: u32(44),
    ctxIn: u64(48),
    ctxOut: u64(56),
    flags: u32(64),
    cpu: u32(68),
    batchSize: u32(72),
  }),
  progGetNextId: command(11, 'BPF_PROG_GET_NEXT_ID', nextId),
  mapGetNextId: command(12, 'BPF_MAP_GET_NEXT_ID', nextId),
  progGetFdById: command(13, 'BPF_PROG_GET_FD_BY_ID', byId),
  mapGetFdById: command(14, 'BPF_MAP_GET_FD_BY_ID', byId),
  objGetInfoByFd: command(15, 'BPF_OBJ_GET_INFO_BY_FD', { bpfFd: u32(0), infoLen: u32(4), info: u64(8) }),
  progQuery: command(16, 'BPF_PROG_QUERY', {
    targetIfindex: u32(0),
    attachType: u32(4),
    queryFlags: u32(8),
    attachFlags: u32(12),
    progIds: u64(16),
    count: u32(24),
    progAttachFlags: u64(32),
    linkIds: u64(40),
    linkAttachFlags: u64(48),
    revision: u64(56),
  }),
  btfLoad: command(18, 'BPF_BTF_LOAD', {
    btf: u64(0),
    logBuf: u64(8),
    btfSize: u32(16),
    logSize: u32(20),
    logLevel: u32(24),
    logTrueSize: u32(28),
    btfFlags: u32(32),
    btfTokenFd: s32(36),
  }),
  btfGetFdById: command(19, 'BPF_BTF_GET_FD_BY_ID', byId),
  mapLookupAndDeleteElem: command(21, 'BPF_MAP_LOOKUP_AND_DELETE_ELEM', element),
  mapFreeze: command(22, 'BPF_MAP_FREEZE', { mapFd: u32(0) }),
  btfGetNextId: command(23, 'BPF_BTF_GET_NEXT_ID', nextId),
  mapLookupBatch: command(24, 'BPF_MAP_LOOKUP_BATCH', batch),
  mapLookupAndDeleteBatch: command(25, 'BPF_MAP_LOOKUP_AND_DELETE_BATCH', batch),
  mapUpdateBatch: command(26, 'BPF_MAP_UPDATE_BATCH', batch),
  mapDeleteBatch: command(27, 'BPF_MAP_DELETE_BATCH', batch),
  linkCreate: command(28, 'BPF_LINK_CREATE', {
    progFd: u32(0),
    targetIfindex: u32(4),
    attachType: u32(8),
    flags: u32(12),
    relative: u32(16),
    expectedRevision: u64(24),
  }),
  linkUpdate: command(29, 'BPF_LINK_UPDATE', { linkFd: u32(0), newProgFd: u32(4), flags: u32(8), oldProgFd: u32(12) }),
  linkGetFdById: command(30, 'BPF_LINK_GET_FD_BY_ID', byId),
  linkGetNextId: command(31, 'BPF_LINK_GET_NEXT_ID', nextId),
  enableStats: command(32, 'BPF_ENABLE_STATS', { type: u32(0) }),
  linkDetach: command(34, 'BPF_LINK_DETACH', { linkFd: u32(0) }),
  progBindMap: command(35, 'BPF_PROG_BIND_MAP', { progFd: u32(0), mapFd: u32(4), flags: u32(8) }),
} as const
