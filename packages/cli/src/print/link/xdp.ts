import type { XDP_ATTACHED } from '@netkit/netlink'
import type { ProgramInfo } from 'netkit'
import type { Entry } from '../entry.ts'
import type { Json } from '../json.ts'
import { printable } from '../printable.ts'
import type { LinkMessage, LinkView } from './view.ts'

type Attached = NonNullable<LinkMessage['attrs']['xdp']>

const MODES: Readonly<Record<keyof typeof XDP_ATTACHED, { readonly number: number; readonly word: string }>> = {
  none: { number: 0, word: '' },
  drv: { number: 1, word: 'xdp' },
  skb: { number: 2, word: 'xdpgeneric' },
  hw: { number: 3, word: 'xdpoffload' },
  multi: { number: 4, word: 'xdpmulti' },
}

const modeOf = ({ attached = 'none' }: Attached) =>
  typeof attached === 'number' ? { number: attached, word: `xdp[${attached}]` } : MODES[attached]

/** Programs by mode, in the order of iproute2. */
const programsOf = (xdp: Attached): readonly (readonly [mode: number, id: number])[] =>
  (
    [
      [MODES.skb.number, xdp.skbProgId],
      [MODES.drv.number, xdp.drvProgId],
      [MODES.hw.number, xdp.hwProgId],
    ] as const
  ).flatMap(([mode, id]) => (id === undefined ? [] : [[mode, id] as const]))

/** That a device runs XDP programs, and where. */
export function xdpWord(entry: Entry, { attrs: { xdp } }: LinkMessage, view: LinkView): void {
  if (xdp?.attached === undefined || xdp.attached === 'none') return
  const mode = modeOf(xdp)
  const attached = programsOf(xdp).map(([number, id]) => ({ mode: number, prog: programJson(id, view) }))
  const prog = xdp.progId === undefined ? {} : { prog: programJson(xdp.progId, view) }
  entry.add('xdp', { mode: mode.number, ...prog, attached }, `${mode.word} `)
}

/** The lines that say which programs. */
export function xdpPrograms(entry: Entry, { attrs: { xdp } }: LinkMessage, view: LinkView): void {
  if (xdp === undefined) return
  for (const [, id] of programsOf(xdp)) entry.say(`\n    prog/xdp id ${id} ${programText(view.program?.(id), view)}`)
}

function programJson(id: number, { program, details }: LinkView): Record<string, Json> {
  const info = program?.(id)
  if (!info) return { id }
  return {
    id,
    name: info.name,
    tag: info.tag,
    ...(info.jitedBytes > 0 && { jited: 1 }),
    ...(details && { load_time: Number(info.loadedAt), created_by_uid: info.uid }),
    ...(details && info.btfId > 0 && { btf_id: info.btfId }),
  }
}

function programText(info: ProgramInfo | undefined, { details }: LinkView): string {
  if (!info) return ''
  const said = `name ${printable(info.name)} tag ${info.tag} ${info.jitedBytes > 0 ? 'jited ' : ''}`
  if (!details) return said
  return `${said}load_time ${info.loadedAt} created_by_uid ${info.uid} ${info.btfId > 0 ? `btf_id ${info.btfId} ` : ''}`
}
