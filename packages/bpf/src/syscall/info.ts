import { layout, text, u32, u64 } from './layout.ts'

/** Source: uapi struct bpf_link_info, of links to devices; spec 02 §2.2. */
export const LINK_INFO = layout({ type: u32(0), id: u32(4), progId: u32(8), ifindex: u32(16), attachType: u32(20) })

/** Bytes of a whole struct bpf_link_info, bpf_prog_info, bpf_map_info, bpf_btf_info. */
export const INFO_SIZE = { link: 64, program: 232, map: 104, btf: 32 } as const

/** Source: uapi struct bpf_prog_info. Counts say what there is, and going in, for how much there is room. */
export const PROG_INFO = layout({
  type: u32(0),
  id: u32(4),
  tag: u64(8),
  jitedLen: u32(16),
  xlatedLen: u32(20),
  jitedInsns: u64(24),
  xlatedInsns: u64(32),
  loadTime: u64(40),
  createdByUid: u32(48),
  nrMapIds: u32(52),
  mapIds: u64(56),
  name: text(64, 16),
  ifindex: u32(80),
  gplCompatible: u32(84),
  netnsDev: u64(88),
  netnsIno: u64(96),
  btfId: u32(128),
  nrLineInfo: u32(148),
  lineInfo: u64(152),
  lineInfoRecSize: u32(172),
  runTimeNs: u64(192),
  runCnt: u64(200),
  recursionMisses: u64(208),
  verifiedInsns: u32(216),
})

/** Source: uapi struct bpf_map_info. */
export const MAP_INFO = layout({
  type: u32(0),
  id: u32(4),
  keySize: u32(8),
  valueSize: u32(12),
  maxEntries: u32(16),
  mapFlags: u32(20),
  name: text(24, 16),
  ifindex: u32(40),
  btfVmlinuxValueTypeId: u32(44),
  netnsDev: u64(48),
  netnsIno: u64(56),
  btfId: u32(64),
  btfKeyTypeId: u32(68),
  btfValueTypeId: u32(72),
  btfVmlinuxId: u32(76),
  mapExtra: u64(80),
})

/** Source: uapi struct bpf_btf_info. `btf`: where the types are wanted; `btfSize`: how many bytes there is room for, then how many there are. */
export const BTF_INFO = layout({
  btf: u64(0),
  btfSize: u32(8),
  id: u32(12),
  name: u64(16),
  nameLen: u32(24),
  kernelBtf: u32(28),
})
