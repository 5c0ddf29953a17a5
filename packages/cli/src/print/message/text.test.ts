import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { fromHex, GENL_ID_CTRL, NETDEV, NETLINK_GENERIC, NETLINK_ROUTE, NLCTRL } from '@netkit/netlink'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { styleFor } from '../style.ts'
import { messageFields } from './fields.ts'
import { messageText } from './text.ts'

const NETDEV_ID = 20
const families = (id: number) => (id === NETDEV_ID ? NETDEV : id === GENL_ID_CTRL ? NLCTRL : undefined)
const style = styleFor(false)
const text = (hex: string, protocol: number, fromKernel: boolean) =>
  messageText(fromHex(hex), { protocol, families, fromKernel }, style)

describe('messages for people', () => {
  test('a request with nests', () => {
    const hex =
      '4c0000001400050007000000000000001001000008000200050000000800030000000000280008800800010003000000140002800800010001000000080003000000000008000300 00000000'
    expect(text(hex, NETLINK_GENERIC, false)).toMatchInlineSnapshot(`
      "NETDEV_CMD_QUEUE_CREATE length 76 flags REQUEST|ACK seq 7 port 0
        version 1
        ifindex 5
        type rx
        lease
          ifindex 3
          queue
            id 1
            type rx
          netnsId 0
      "
    `)
  })

  test('a refusal with the request and the extended acknowledgement', () => {
    const hex =
      '6800000002000002070000003412000 0deffffff4c000000140005000700000000000000100100000800020005000000080003000000000028000880080001000300000014000280080001000100000008000300000000000800030000000000 0800020034000000'
    expect(text(hex, NETLINK_GENERIC, true)).toMatchInlineSnapshot(`
      "NLMSG_ERROR length 104 flags ACK_TLVS seq 7 port 4660
        error -ERANGE
        request NETDEV_CMD_QUEUE_CREATE length 76 flags REQUEST|ACK seq 7 port 0
          version 1
          ifindex 5
          type rx
          lease
            ifindex 3
            queue
              id 1
              type rx
            netnsId 0
        offset 52
      "
    `)
  })

  test('a link, with the peer inside the request for it', () => {
    const hex =
      '8800000010000506e90300000000000000000000000000000000000000000000080003006e6b30000a000100024e4b000000000008002000030000004c0012000b0001006e65746b697400003c00020008000500000000003000010000000000000000000000000000000000080003006e6b31000a000100024e4b00000100000800200003000000'
    expect(text(hex, NETLINK_ROUTE, false)).toMatchInlineSnapshot(`
      "RTM_NEWLINK length 136 flags REQUEST|ACK|EXCL|CREATE seq 1001 port 0
        family 0 type 0 ifindex 0 flags 0 change 0
        ifname "nk0"
        address 02:4e:4b:00:00:00
        numRxQueues 3
        linkinfo
          kind "netkit"
          data
            mode l2
            peerInfo
              family 0 type 0 ifindex 0 flags 0 change 0
              ifname "nk1"
              address 02:4e:4b:00:00:01
              numRxQueues 3
      "
    `)
  })
})

test('fields cover every byte that is not padding, and any bytes can be shown', () => {
  const bytes = fc.uint8Array({ minLength: 0, maxLength: 200 })
  const types = fc.constantFrom(2, 3, 16, 17, 18, 88, GENL_ID_CTRL, NETDEV_ID, 4711)
  fc.assert(
    fc.property(bytes, types, fc.boolean(), fc.boolean(), (payload, type, route, fromKernel) => {
      const message = new Uint8Array(16 + payload.length)
      new DataView(message.buffer).setUint16(4, type, true)
      message.set(payload, 16)
      const context = { protocol: route ? NETLINK_ROUTE : NETLINK_GENERIC, families, fromKernel }
      const fields = messageFields(message, context)
      for (const f of fields) expect(f.start <= f.end && f.end <= message.length).toBe(true)
      const covered = new Uint8Array(message.length)
      for (const f of fields) covered.fill(1, f.start, Math.min(message.length, (f.end + 3) & ~3))
      expect(covered.indexOf(0)).toBe(-1)
      expect(messageText(message, context, style)).toMatch(/^\S+ .*length/)
    }),
  )
})

const root = fileURLToPath(new URL('../../../../..', import.meta.url))
const golden = pathToFileURL(`${resolve(root, process.env.NETKIT_GOLDEN ?? '../shared/golden')}/`)
const files = (() => {
  try {
    return readdirSync(golden).filter((name) => name.endsWith('.jsonl'))
  } catch {
    return []
  }
})()

test.skipIf(files.length === 0)('every recorded link message reads without a rest', () => {
  let read = 0
  for (const name of files.filter((f) => /^[1-5]/.test(f))) {
    for (const line of readFileSync(new URL(name, golden), 'utf8').trim().split('\n')) {
      for (const { proto, hex } of JSON.parse(line).notify ?? []) {
        if (proto !== 'route') continue
        const bytes = fromHex(
          hex.replace(/\{@[^}]+\}/g, '').replace(/\{(\d+) [^}]+\}/g, (_: string, n: string) => '00'.repeat(Number(n))),
        )
        if (bytes.length !== new DataView(bytes.buffer).getUint32(0, true)) continue
        const fields = messageFields(bytes, { protocol: NETLINK_ROUTE, families, fromKernel: true })
        expect(fields.filter((f) => f.name === 'rest' || f.name.startsWith('attribute-')).map((f) => f.path)).toEqual(
          [],
        )
        read += 1
      }
    }
  }
  expect(read).toBeGreaterThan(100)
})
