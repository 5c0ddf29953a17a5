import { describe, expect, it } from 'vitest'
import {
  type AnyTable,
  ETHTOOL,
  type GenlCommand,
  NETDEV,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  NLCTRL,
  onlyReads,
  ROUTE_MESSAGES,
} from '../index.ts'

const FAMILIES = [NLCTRL, NETDEV, ETHTOOL]

/** Every table that can be reached from a message, by its name. */
function tables(): Map<string, AnyTable> {
  const found = new Map<AnyTable, string>()
  const walk = (table: AnyTable | undefined, path: string) => {
    if (!table || found.has(table)) return
    found.set(table, path)
    for (const row of table.byId) if (row) walk(row.codec.table?.(), `${path}.${row.key}`)
  }
  for (const m of ROUTE_MESSAGES.values()) walk(m.attrs, m.c)
  for (const family of FAMILIES) {
    for (const command of Object.values(family.commands) as GenlCommand[]) {
      walk(command.attrs, command.c)
      walk(command.reply, `${command.c} reply`)
    }
  }
  return new Map([...found].map(([table, path]) => [path, table]))
}

describe('what is declared of the families', () => {
  const all = [...tables()]

  it('is a good number of tables', () => {
    expect(all.length).toBeGreaterThan(40)
  })

  it('has ids that fit into an attribute, and each name of the uapi headers once a table', () => {
    for (const [path, table] of all) {
      const names = new Set<string>()
      for (const row of table.byId) {
        if (!row) continue
        expect(row.id, path).toBeLessThan(0x4000)
        expect(names.has(row.c), `${path}: ${row.c}`).toBe(false)
        names.add(row.c)
      }
    }
  })

  it('gives each kind of number a policy of its size, unless the kernel checks something else on purpose', () => {
    const sizes: Record<string, number> = { u8: 1, u16: 2, u32: 4, u64: 8, s8: 1, s16: 2, s32: 4, s64: 8 }
    for (const [path, table] of all) {
      for (const row of table.byId) {
        const kind = row?.codec.kind.replace(/^(enum|flags) /, '')
        const policy = row && (row.policy ?? row.codec.policy)
        if (!row || !kind || !policy || !(kind in sizes) || !(policy.type in sizes)) continue
        expect(sizes[policy.type], `${path}.${row.key}`).toBe(sizes[kind])
      }
    }
  })

  it('takes in requests only what its table knows', () => {
    for (const family of FAMILIES) {
      for (const command of Object.values(family.commands) as GenlCommand[]) {
        for (const policy of [command.do, command.dump]) {
          for (const [id, one] of (policy?.policies ?? []).entries()) {
            if (one) expect(command.attrs.byId[id], `${command.c}: ${id}`).toBeDefined()
          }
        }
      }
    }
  })

  it('numbers requests of a family once, and replies and notifications once', () => {
    for (const family of FAMILIES) {
      const [requests, answers] = [new Set<number>(), new Set<number>()]
      for (const command of Object.values(family.commands) as GenlCommand[]) {
        if (!command.event) {
          expect(requests.has(command.id), command.c).toBe(false)
          requests.add(command.id)
        }
        const answer = command.replyId ?? command.id
        if (answer === 0) continue
        const shared = family === NLCTRL // NEWFAMILY is both the reply and a notification
        expect(!shared && answers.has(answer), command.c).toBe(false)
        answers.add(answer)
      }
    }
  })

  it('says of every request whether it only asks, as its name does', () => {
    const families = (id: number) => FAMILIES[id - 100]
    for (const [i, family] of FAMILIES.entries()) {
      for (const { id, c, event } of Object.values(family.commands) as GenlCommand[]) {
        if (!event) expect(onlyReads(NETLINK_GENERIC, 100 + i, id, families), c).toBe(/_GET|_CMD_GET/.test(c))
      }
      expect(onlyReads(NETLINK_GENERIC, 100 + i, 250, families)).toBe(false)
    }
    for (const { type, c } of ROUTE_MESSAGES.values())
      expect(onlyReads(NETLINK_ROUTE, type, 0, families), c).toBe(c.startsWith('RTM_GET'))
    expect(onlyReads(NETLINK_GENERIC, 99, 1, families)).toBe(false)
    expect(onlyReads(NETLINK_ROUTE, 2, 0, families)).toBe(false)
  })
})
