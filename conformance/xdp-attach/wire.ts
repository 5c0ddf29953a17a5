import type { Kernel } from '@netkit/kernel'

type Socket = ReturnType<Kernel['openSocket']>

/** An attribute: its id and its payload. */
type Attr = readonly [id: number, payload: Uint8Array]

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export function u32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  for (const [i, value] of values.entries()) viewOf(bytes).setUint32(i * 4, value, true)
  return bytes
}

export const text = (string: string): Uint8Array => new TextEncoder().encode(`${string}\0`)

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

export function attr(id: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const payload = join(...parts)
  const bytes = new Uint8Array((payload.length + 7) & ~3)
  viewOf(bytes).setUint16(0, payload.length + 4, true)
  viewOf(bytes).setUint16(2, id, true)
  bytes.set(payload, 4)
  return bytes
}

export function attrsOf(bytes: Uint8Array): Attr[] {
  const found: Attr[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = viewOf(bytes).getUint16(at, true)
    found.push([viewOf(bytes).getUint16(at + 2, true) & 0x3fff, bytes.subarray(at + 4, at + size)])
    at += (size + 3) & ~3
  }
  return found
}

/** The payload of the first attribute with an id. */
export const attrOf = (bytes: Uint8Array, id: number): Uint8Array | undefined =>
  attrsOf(bytes).find(([found]) => found === id)?.[1]

export interface WireMessage {
  readonly type: number
  readonly flags: number
  readonly body: Uint8Array
}

/** All messages that wait in a socket. */
export function waiting(socket: Socket): WireMessage[] {
  const messages: WireMessage[] = []
  for (let item = socket.receive(); item; item = socket.receive()) {
    const view = viewOf(item.bytes)
    for (let at = 0; at + 16 <= item.bytes.length; ) {
      const size = view.getUint32(at, true)
      const body = item.bytes.subarray(at + 16, at + size)
      messages.push({ type: view.getUint16(at + 4, true), flags: view.getUint16(at + 6, true), body })
      at += (size + 3) & ~3
    }
  }
  return messages
}

export interface WireAnswer {
  readonly result: number
  readonly text?: string
}

/** Sends a request; its acknowledgement, and the body of a reply before it. */
export function ask(socket: Socket, type: number, body: Uint8Array, flags = 5): WireAnswer & { reply?: Uint8Array } {
  const request = join(u32(16 + body.length, type | (flags << 16), 1, 0), body)
  socket.send(request)
  let reply: Uint8Array | undefined
  for (const message of waiting(socket)) {
    if (message.type !== 2) {
      reply = message.body
      continue
    }
    const result = viewOf(message.body).getInt32(0, true)
    const echoed = (message.flags & 0x100) !== 0 ? 16 : viewOf(message.body).getUint32(4, true)
    const said = (message.flags & 0x200) !== 0 ? attrOf(message.body.subarray(4 + echoed), 1) : undefined
    return { result, reply, ...(said && { text: new TextDecoder().decode(said.subarray(0, -1)) }) }
  }
  throw new Error('a request was not acknowledged')
}
