export { assemble } from './asm/assemble.ts'
export { disassemble, type Line, toAssembly } from './asm/disassemble.ts'
export { AsmError } from './asm/error.ts'
export { type Labels, printInstruction } from './asm/print.ts'
export { explainFault } from './bare/explain-fault.ts'
export { type BareProgram, loadBare } from './bare/run-bare.ts'
export { encodeBtf } from './btf/encode.ts'
export { encodeValue } from './btf/encode-value.ts'
export { type BtfExt, type CoreRelocation, type FuncInfo, type LineInfo, parseBtfExt } from './btf/ext.ts'
export { parseBtf } from './btf/parse.ts'
export { printDefinition, printType } from './btf/print.ts'
export { BtfError, bareType, sizeOf, skipModifiers, typeAt } from './btf/resolve.ts'
export { type SpecialField, specialFields } from './btf/special-fields.ts'
export { btfTextAt } from './btf/text.ts'
export type { Btf, BtfType } from './btf/type.ts'
export { INT_BOOL, INT_CHAR, INT_SIGNED } from './btf/type.ts'
export { decodeValue, type Value } from './btf/value.ts'
export { FormatError } from './bytes/error.ts'
export { CoreError } from './core/kinds.ts'
export { type CoreOutcome, type CoreRecord, CoreTarget, relocateCore } from './core/relocate.ts'
export { FilterError } from './filter/error.ts'
export { compileFilter, type PacketFilter } from './filter/filter.ts'
export { helperId, helperName } from './helpers/names.ts'
export { interpreter } from './interp/interpreter.ts'
export { type Code, const64, decode, emptyCode, encode, identifyAll, jumpTarget, opAt } from './isa/code.ts'
export { ARGUMENT_REGISTER, CLASS, FRAME_REGISTER, MODE, SIZE, SLOT_BYTES, SOURCE } from './isa/encoding.ts'
export { IsaError } from './isa/error.ts'
export { explain, identify } from './isa/identify.ts'
export type * from './isa/op.ts'
export { INVALID, OPS, OPS_BY_OPCODE, opNamed, SECOND } from './isa/table.ts'
export { kernelTypes } from './kernel-types/kernel-types.ts'
export { setSocketQueue } from './maps/devmap.ts'
export { mapHelpers } from './maps/helpers.ts'
export type { MapMemory } from './maps/memory.ts'
export {
  initPerfBuffer,
  perfAdvance,
  perfBegin,
  perfBufferAt,
  perfBufferBytes,
  perfEnd,
  perfPlace,
  perfTake,
} from './maps/perf-buffer.ts'
export { type PerfRecord, parsePerfRecord, takePerfRecords } from './maps/perf-reader.ts'
export { type RingPages, takeRecords } from './maps/ring-reader.ts'
export { ringAvailable, ringCommit, ringOutput, ringQuery, ringReserve, ringTake } from './maps/ringbuf.ts'
export {
  countElements,
  createMap,
  deleteElement,
  destroyMap,
  lookupElement,
  MAP_TYPES,
  peekElement,
  popElement,
  pushElement,
  updateElement,
} from './maps/table.ts'
export type { Held, MapSpec, MapType } from './maps/type.ts'
export { ObjectError } from './object/error.ts'
export { type LinkedProgram, linkProgram, type Reference } from './object/link.ts'
export { printListing } from './object/listing.ts'
export { FUNC_INFO_BYTES, LINE_INFO_BYTES, type LoadInfo, loadInfo, type ProgramInfo } from './object/load-info.ts'
export type * from './object/object.ts'
export { openObject } from './object/open.ts'
export { type ProgramType, programType } from './object/program-types.ts'
export { type Resolution, resolveReferences } from './object/resolve-references.ts'
export { type KernelSettings, type ObjectSetting, settingContents } from './object/settings.ts'
export type { Engine, Program, Runnable } from './run/engine.ts'
export { BpfFault, type FaultKind, ProgramException } from './run/fault.ts'
export { type ArgumentPassing, type Helper, type ResultPassing, TAIL_CALL } from './run/helper.ts'
export * from './run/limits.ts'
export { type Machine, noInvoke, type Window } from './run/machine.ts'
export { MAP_HEADER, MAP_HEADER_BYTES, PROG_ARRAY_EMPTY } from './run/map-header.ts'
export * from './syscall/commands.ts'
export * from './syscall/extensions.ts'
export * from './syscall/info.ts'
export * from './syscall/layout.ts'
export * from './syscall/numbers.ts'
export * from './syscall/type-names.ts'
export type { FunctionType, ProgramTypes, Resolved, SourceLine, VerifyInput } from './verify/input.ts'
export { kernelFunctionIds } from './verify/kfunc.ts'
export type { MapFacts } from './verify/reg.ts'
export { type Verdict, type VerifiedFacts, verify } from './verify/verify.ts'
export { type WasmMachine, wasmEngine } from './wasm/engine.ts'
