import { toHex } from '@netkit/netlink'
import type { Held, HeldCall, HeldRequest } from 'netkit'
import { fill } from '../grammar/wrap.ts'
import type { Json } from './json.ts'
import { type Field, messageFields } from './message/fields.ts'
import { messageText } from './message/text.ts'
import { printable } from './printable.ts'
import type { Style } from './style.ts'

/** What a dry run held back: a request or a call of a kernel, or something done to the process that keeps one. */
export type HeldStep = Held | (Omit<HeldCall, 'door'> & { readonly door: 'process' })

const context = ({ protocol, families, unknowns }: HeldRequest) => ({ protocol, families, unknowns, fromKernel: false })

/** A step for people: a request decoded as everywhere, then its bytes. */
export function heldText(step: HeldStep, width: number, style: Style): string {
  const where = step.namespace === undefined ? '' : `${style.faint(`in namespace ${printable(step.namespace)}`)}\n`
  if (step.door === 'netlink') {
    const message = messageText(step.bytes, context(step), style)
    return `${where}${message}${bytesText(hexWords(step), width)}`
  }
  const said = Object.entries(step.args).flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${value}`]))
  const line = `${style.strong(`${step.door} ${step.call}`)} ${said.map(printable).join(' ')}`.trimEnd()
  const bytes = step.bytes ? bytesText(groups(step.bytes), width) : ''
  return `${where}${line}\n${bytes}`
}

export function heldJson(step: HeldStep): Json {
  const { door, namespace: netns } = step
  if (door !== 'netlink') {
    return { netns, door, call: step.call, ...step.args, hex: step.bytes && toHex(step.bytes) }
  }
  const fields = messageFields(step.bytes, context(step))
  const header = (name: string) => fields.find((f) => f.path === `header.${name}`)?.text
  const isSaid = (f: Field): f is Field & { text: string } => f.text !== undefined && f.of !== 'message'
  return {
    netns,
    door,
    request: header('type'),
    flags: header('flags')?.split('|'),
    fields: Object.fromEntries(fields.filter(isSaid).map((f) => [f.path, plain(f.text)])),
    hex: hexWords(step).join(''),
    unknown: step.unknowns.map(({ offset, length, what }) => ({ offset, length, what })),
  }
}

const bytesText = (words: readonly string[], width: number): string =>
  `  bytes\n${fill([`    ${words[0]}`, ...words.slice(1)], width, 4)}\n`

/** Strings stand in quotes only for people. */
const plain = (text: string): string => (text.startsWith('"') ? JSON.parse(text) : text)

/** Four bytes each, as netlink aligns them. */
const groups = (bytes: Uint8Array): string[] => toHex(bytes).match(/.{1,8}/g) ?? []

/** Bytes as recordings write them: `{LENGTH WHAT}` where the kernel has not chosen yet. */
function hexWords({ bytes, unknowns }: HeldRequest): string[] {
  const words: string[] = []
  let at = 0
  for (const { offset, length, what } of unknowns) {
    words.push(...groups(bytes.subarray(at, offset)), `{${length} ${what}}`)
    at = offset + length
  }
  return [...words, ...groups(bytes.subarray(at))]
}
