export {
  type Capture,
  type CopyCount,
  type Fault,
  type ImpairmentCounters,
  type ImpairmentInfo,
  type ImpairmentOptions,
  KernelError,
  type NicInfo,
  type WireDirection,
  type WireOptions,
  type WireProgress,
} from '@netkit/netlink'
export type { AttachOptions, DetachOptions, LinkOptions } from './bpf/attach/attachments.ts'
export type { Anchor, Position } from './bpf/attach/position.ts'
export type { AttachedPrograms } from './bpf/attach/query.ts'
export type { AttachTarget } from './bpf/attach/target.ts'
export type { AttachXdpOptions, DetachXdpOptions, XdpMode, XdpTarget } from './bpf/attach/xdp.ts'
export type { Bpf, CreateMapOptions, LoadProgramOptions } from './bpf/bpf.ts'
export { BpfFile } from './bpf/files/file.ts'
export { Link, type LinkInfo } from './bpf/files/link.ts'
export { Program, type ProgramInfo, type TestRun, type TestRunOptions } from './bpf/files/program.ts'
export { BpfMap, type MapInfo, type UpdateMode } from './bpf/maps/map.ts'
export type { PerfEvent, PerfEvents, PerfEventsOptions } from './bpf/maps/perf-events.ts'
export type { RecordDecoder } from './bpf/maps/record-type.ts'
export type { RingRecords } from './bpf/maps/ring.ts'
export type { MapValue } from './bpf/maps/values.ts'
export type { LoadOptions } from './bpf/objects/load-object.ts'
export type { LoadedObject, ObjectFile } from './bpf/objects/object-file.ts'
export type { Variables } from './bpf/objects/variables.ts'
export { type SourceLine, VerifierError } from './bpf/objects/verifier-error.ts'
export type { TraceLines } from './bpf/trace-lines.ts'
export * from './connect.ts'
export * from './devices/device.ts'
export type { DevicePair, Devices, DumpOptions, ShowOptions } from './devices/devices.ts'
export type { MoveOptions } from './devices/move.ts'
export type * from './devices/options.ts'
export type { DeviceSelector, KnownDevice } from './devices/selector.ts'
export { dryRun } from './dry-run/dry-run.ts'
export type * from './dry-run/held.ts'
export type { Ethtool } from './ethtool/ethtool.ts'
export type { Offload, Offloads } from './ethtool/offloads.ts'
export type { EthtoolSettings, Shown } from './ethtool/settings.ts'
export type * from './events/event.ts'
export type { EventGroup, EventOptions } from './events/listen.ts'
export { EventStream } from './events/stream.ts'
export type { Faults } from './faults.ts'
export type { Answer, FeatureAnswer } from './features/answer.ts'
export type { Features, NicReport } from './features/features.ts'
export { NIC_PROBES, type NicFeatureName } from './features/nic.ts'
export { type FeatureName, PROBES } from './features/probes.ts'
export {
  IMPAIRMENT_WORDS,
  type ImpairmentWords,
  impairmentText,
  impairmentValueForm,
  impairmentWords,
  nextImpairmentKey,
  parseImpairment,
  parseImpairmentValue,
} from './impairment/text.ts'
export { InputError } from './input/input-error.ts'
export { nameFault } from './input/names.ts'
export type {
  Address,
  Addresses,
  AddressFlag,
  AddressOptions,
  IpScope,
  ListAddressesOptions,
  RemoveAddressOptions,
} from './ip/addresses.ts'
export type {
  ListNeighboursOptions,
  Neighbour,
  NeighbourFlag,
  NeighbourOptions,
  NeighbourState,
  Neighbours,
} from './ip/neighbours.ts'
export type { Ping, PingError, PingEvent, PingOptions, PingReply, PingTimeout } from './ip/ping.ts'
export { type IpFamily, type Prefix, parsePrefix } from './ip/prefix.ts'
export type {
  ListRoutesOptions,
  NexthopFlag,
  NexthopOptions,
  Route,
  RouteNexthop,
  RouteOptions,
  RouteProtocol,
  RouteQuestion,
  Routes,
  RouteTableName,
  RouteType,
} from './ip/routes.ts'
export type {
  ListRulesOptions,
  PolicyAction,
  Rule,
  RuleFlag,
  RuleOptions,
  RulePorts,
  Rules,
  UidRange,
} from './ip/rules.ts'
export type { SocketAddress } from './ip/sockets.ts'
export type { Sysctl } from './ip/sysctl.ts'
export type { Tcp, TcpConnectOptions, TcpListener, TcpListenOptions } from './ip/tcp.ts'
export type { TcpConnection, TcpStatus } from './ip/tcp-connection.ts'
export type { UdpDatagram, UdpOptions, UdpSocket } from './ip/udp.ts'
export { Kernel } from './kernel.ts'
export type * from './leases/lease.ts'
export type { LeaseOptions, Leases, LesseeOptions, LessorQueues } from './leases/leases.ts'
export type { Namespaces } from './namespaces/namespaces.ts'
export type { Napi, NapiSettings, Napis } from './netdev/napis.ts'
export type { PagePool, PagePools } from './netdev/page-pools.ts'
export type { Queue, QueueOptions, Queues, QueuesOptions, QueueType } from './netdev/queues.ts'
export type { DeviceQstats, LinkStats, QstatsOptions, QueueStats, Stats } from './netdev/stats.ts'
export type { Xdp, XdpFeatures } from './netdev/xdp.ts'
export type { AddNicOptions, Nics, PlayOptions } from './nics.ts'
export type { PacketCaptureOptions } from './packets.ts'
export { Namespace, type NamespaceTarget, type Where } from './places/namespace.ts'
export type { Scope } from './places/scope.ts'
export type { Removal } from './removal/removal.ts'
export type * from './removal/report.ts'
export { AnswerLostError, DumpInterruptedError } from './request/errors.ts'
export type { Reply } from './request/exchange.ts'
export { genericAttrs } from './request/message.ts'
export type { KernelWarning } from './request/refusal.ts'
export { IncompleteError, type Remainder, Rollback } from './rollback.ts'
export { type Applied, ApplyError, type ApplyOptions } from './state/apply.ts'
export type { StateChange } from './state/changes.ts'
export type { StateDifference } from './state/draft.ts'
export type { StateFiles } from './state/execute.ts'
export type { ExportOptions, StateExport } from './state/export.ts'
export type { PlanOptions, StatePlan } from './state/plan.ts'
export { faultText, StateError, type StateFault, type StatePath } from './state/schema/fault.ts'
export type { State } from './state/state.ts'
export { type StateStep, stepText } from './state/step.ts'
export type * from './steering/rule.ts'
export type { SteeringRules } from './steering/rules.ts'
export { FrameBatch } from './xsk/batch.ts'
export type * from './xsk/layout.ts'
export { type Wakeup, XskRings } from './xsk/rings.ts'
export { XskSocket, type XskStatistics } from './xsk/socket.ts'
export type { Xsk, XskOptions } from './xsk/xsk.ts'
export type { ZcrxEvent, ZcrxVisitor } from './zcrx/completions.ts'
export type { HasDescriptor, ZcrxReceiver, ZcrxStats } from './zcrx/receiver.ts'
export type { Zcrx, ZcrxOptions } from './zcrx/zcrx.ts'
