import type { Entry } from '../grammar/command.ts'
import type { Topic } from '../grammar/help.ts'
import { addr } from './addr/group.ts'
import { doctor } from './doctor/command.ts'
import { channels } from './ethtool/channels.ts'
import { features } from './ethtool/features.ts'
import { rings } from './ethtool/rings.ts'
import { fault } from './fault/group.ts'
import { lease } from './lease/group.ts'
import { link } from './link/group.ts'
import { map } from './map/group.ts'
import { completeWords, completion } from './meta/completion.ts'
import { kernel } from './meta/kernel.ts'
import { neigh } from './neigh/group.ts'
import { netns } from './netns/group.ts'
import { nic } from './nic/group.ts'
import { ping } from './ping/command.ts'
import { prog } from './prog/group.ts'
import { napi, pagePool, queue } from './queue/groups.ts'
import { replay } from './replay/command.ts'
import { route } from './route/group.ts'
import { rule } from './rule/group.ts'
import type { Session } from './session.ts'
import { apply } from './state/apply.ts'
import { exportCommand, schema } from './state/export.ts'
import { diff, plan } from './state/plan.ts'
import { sysctl } from './sysctl/command.ts'
import { top } from './top/command.ts'
import { capture } from './watch/capture.ts'
import { dev } from './watch/dev.ts'
import { family } from './watch/family.ts'
import { monitor } from './watch/monitor.ts'
import { send } from './watch/send.ts'
import { stats } from './watch/stats.ts'
import { trace } from './watch/trace.ts'

/** All commands, in the order of help. Of objects that begin alike, an abbreviation means the first. */
export const TOPICS: readonly Topic<Session>[] = [
  { title: 'Devices', entries: [link, netns, lease, stats] },
  { title: 'IP', entries: [addr, route, rule, neigh, sysctl, ping] },
  { title: 'Queues', entries: [queue, napi, pagePool, dev] },
  { title: 'Hardware', entries: [nic, channels, rings, features, fault] },
  { title: 'Programs', entries: [prog, map] },
  { title: 'Packets and events', entries: [top, monitor, capture, trace, send] },
  { title: 'Declared state', entries: [apply, diff, plan, exportCommand, schema] },
  { title: 'The kernel', entries: [doctor, kernel, family, replay, completion, completeWords] },
]

export const ENTRIES: readonly Entry<Session>[] = TOPICS.flatMap((topic) => topic.entries)
