import {
  type AnyTable,
  align4,
  type Codec,
  Data,
  DecodeError,
  decodeHeader,
  EXTACK,
  errnoName,
  type FamilyById,
  ID_MASK,
  LINK_HEADER,
  layoutOf,
  type NamedRow,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  toHex,
} from '@netkit/netlink'
import { commandOf, headerFlags, headerOf, messageName } from './names.ts'
import { isStruct, structLayout } from './struct-layout.ts'
import { structFieldText, valueText } from './value-text.ts'

/** One thing that a message says, and the bytes that say it. */
export interface Field {
  /** `linkinfo.data.mode`; a name that stands again at the same place gets `#2`. Of the message header: `header.flags`. */
  readonly path: string
  readonly name: string
  /** How deep it is nested. */
  readonly depth: number
  readonly start: number
  readonly end: number
  /** The value for people. Absent: what follows, one level deeper, is the value. */
  readonly text?: string
  /** Of the message header, of the header that follows it, or of a structure: fields that stand in one line. */
  readonly of?: 'message' | 'header' | 'struct'
}

export interface MessageContext {
  readonly protocol: number
  readonly families: FamilyById
  /** Replies and notifications may be laid out unlike requests. */
  readonly fromKernel: boolean
  /** What is said instead of numbers at these offsets. */
  readonly unknowns?: readonly { readonly offset: number; readonly what: string }[]
}

/** Everything that one message says, in the order of its bytes. Takes any bytes: what cannot be read is shown in hex. */
export function messageFields(bytes: Uint8Array, context: MessageContext): Field[] {
  const fields: Field[] = []
  new Walk(new Data(bytes), context, fields).message(0, bytes.length, '', 0)
  for (const { offset, what } of context.unknowns ?? []) {
    const at = fields.findIndex((f) => f.text !== undefined && f.start <= offset && offset < f.end)
    if (at >= 0) fields[at] = { ...fields[at], text: `(${what})` }
  }
  return fields
}

/** Deepest nest that is looked into. No message comes near it; hostile ones do. */
const MAX_DEPTH = 32

/** Where attributes lie, and where their names are put. */
interface Place {
  readonly start: number
  readonly end: number
  readonly prefix: string
  readonly depth: number
}

class Walk {
  readonly #data: Data
  readonly #context: MessageContext
  readonly #fields: Field[]

  constructor(data: Data, context: MessageContext, fields: Field[]) {
    this.#data = data
    this.#context = context
    this.#fields = fields
  }

  message(start: number, end: number, prefix: string, depth: number): void {
    const body = start + NLMSG_HDRLEN
    if (body > end) {
      this.#rest({ start, end, prefix, depth })
      return
    }
    const header = decodeHeader(this.#data, start)
    const command = commandOf(this.#data, start, end)
    const name = messageName(header.type, command, this.#context)
    const put = (field: string, at: number, size: number, text: string) =>
      this.#put({ prefix: `${prefix}header.`, depth }, field, start + at, start + at + size, text, 'message')
    put('length', 0, 4, String(header.length))
    put('type', 4, 2, name)
    put('flags', 6, 2, headerFlags(header.flags, header.type, name))
    put('seq', 8, 4, String(header.seq))
    put('port', 12, 4, String(header.portId))
    this.#payload(header.type, header.flags, command, { start: body, end, prefix, depth })
  }

  #payload(type: number, flags: number, command: number, place: Place): void {
    const { start, end } = place
    const tlvs = (flags & NLM_F_ACK_TLVS) !== 0
    if (type === NLMSG_ERROR && end - start >= 4 + NLMSG_HDRLEN) {
      const after = this.#request((flags & NLM_F_CAPPED) === 0, place)
      this.#answer(tlvs, { ...place, start: after })
    } else if (type === NLMSG_DONE && end - start >= 4) {
      this.#put(place, 'error', start, start + 4, errorText(this.#data.s32(start)))
      this.#answer(tlvs, { ...place, start: start + 4 })
    } else {
      const { protocol, families, fromKernel } = this.#context
      const layout = layoutOf(protocol, type, command, families, fromKernel)
      const attrs = layout ? Math.min(start + layout.headerSize, end) : start
      if (layout) this.#struct(headerOf(protocol, type), { ...place, end: attrs }, 'header')
      if (layout) this.#attrs(layout.attrs, { ...place, start: attrs })
      else this.#rest(place)
    }
  }

  /** The error number and the request that is answered, as far as it is there. Returns where they end. */
  #request(whole: boolean, { start, end, prefix, depth }: Place): number {
    const request = start + 4
    const length = Math.max(NLMSG_HDRLEN, this.#data.u32(request))
    const to = Math.min(request + (whole ? length : NLMSG_HDRLEN), end)
    this.#put({ prefix, depth }, 'error', start, request, errorText(this.#data.s32(start)))
    this.#put({ prefix, depth }, 'request', request, to)
    const context = { ...this.#context, fromKernel: false }
    new Walk(this.#data, context, this.#fields).message(request, to, `${prefix}request.`, depth + 1)
    return Math.min(whole ? request + align4(length) : to, end)
  }

  #answer(tlvs: boolean, place: Place): void {
    if (tlvs) this.#attrs(EXTACK, place)
    else this.#rest(place)
  }

  #attrs(table: AnyTable, place: Place): void {
    const { start, end } = place
    const seen = new Map<string, number>()
    let at = start
    while (end - at >= 4) {
      const length = this.#data.u16(at)
      if (length < 4 || at + length > end) break
      const id = this.#data.u16(at + 2) & ID_MASK
      const row = table.byId[id]
      const key = row?.key ?? `attribute-${id}`
      const times = (seen.get(key) ?? 0) + 1
      seen.set(key, times)
      this.#attr(row, times > 1 ? `${key}#${times}` : key, at, at + length, place)
      at += align4(length)
    }
    this.#rest({ ...place, start: Math.min(at, end) })
  }

  #attr(row: NamedRow | undefined, name: string, at: number, end: number, around: Place): void {
    const start = at + 4
    const inside = { start, end, prefix: `${around.prefix}${name}.`, depth: around.depth + 1 }
    const inner = around.depth < MAX_DEPTH ? row?.codec.table?.(this.#data, around.start, around.end) : undefined
    if (row && inner) {
      const attrs = Math.min(start + (row.codec.headerSize ?? 0), end)
      this.#put(around, name, at, end)
      if (attrs > start) this.#struct(LINK_HEADER, { ...inside, end: attrs }, 'header')
      this.#attrs(inner, { ...inside, start: attrs })
    } else if (row && isStruct(row.codec)) {
      this.#put(around, name, at, end)
      this.#struct(row.codec, inside, 'struct')
    } else this.#put(around, name, at, end, row ? this.#value(row.codec, start, end) : this.#hex(start, end))
  }

  #value(codec: Codec<unknown>, start: number, end: number): string {
    try {
      return valueText(codec.decode(this.#data, start, end), codec)
    } catch (e) {
      if (!(e instanceof DecodeError)) throw e
      return this.#hex(start, end)
    }
  }

  #struct(codec: Codec<unknown> | undefined, place: Place, of: 'header' | 'struct'): void {
    let at = place.start
    for (const { name, offset, size } of codec && isStruct(codec) ? structLayout(codec) : []) {
      const start = place.start + offset
      if (start + size > place.end) break
      at = start + size
      this.#put(place, name, start, at, structFieldText(codec!.kind, name, this.#data, start, size), of)
    }
    this.#rest({ ...place, start: at })
  }

  #rest(place: Place): void {
    if (place.end > place.start) this.#put(place, 'rest', place.start, place.end, this.#hex(place.start, place.end))
  }

  #hex(start: number, end: number): string {
    return end > start ? `0x${toHex(this.#data.bytes.subarray(start, end))}` : 'empty'
  }

  #put(
    at: { prefix: string; depth: number },
    name: string,
    start: number,
    end: number,
    text?: string,
    of?: Field['of'],
  ): void {
    this.#fields.push({ path: `${at.prefix}${name}`, name, depth: at.depth, start, end, text, of })
  }
}

const errorText = (error: number): string => (error === 0 ? '0' : `-${errnoName(-error)}`)
