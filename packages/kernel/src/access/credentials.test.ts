import { describe, expect, it } from 'vitest'
import { ALL_CAPABILITIES, CAP_NET_ADMIN, CAP_SYS_ADMIN, NO_CAPABILITIES, without } from './capability.ts'
import { type Credentials, capableIn } from './credentials.ts'
import type { UserNamespace } from './user-namespace.ts'

const initial: UserNamespace = { ownerUid: 0 }
const child: UserNamespace = { parent: initial, ownerUid: 1000 }
const grandchild: UserNamespace = { parent: child, ownerUid: 0 }
const sibling: UserNamespace = { parent: initial, ownerUid: 2000 }

const who = (userNs: UserNamespace, uid: number, capabilities = ALL_CAPABILITIES): Credentials => ({
  uid,
  userNs,
  capabilities,
})
const admin = (credentials: Credentials) =>
  [initial, child, grandchild, sibling].map((target) => capableIn(credentials, target, CAP_NET_ADMIN))

describe('a capability', () => {
  it('in the initial user namespace holds everywhere', () => {
    expect(admin(who(initial, 0))).toEqual([true, true, true, true])
  })

  it('in a user namespace holds there and below, not above and not beside', () => {
    expect(admin(who(child, 0))).toEqual([false, true, true, false])
    expect(admin(who(grandchild, 5))).toEqual([false, false, true, false])
  })

  it('is needed where one is, even by uid 0', () => {
    expect(admin(who(initial, 0, NO_CAPABILITIES))).toEqual([false, false, false, false])
    expect(admin(who(child, 0, NO_CAPABILITIES))).toEqual([false, false, true, false])
  })

  it('comes with having made the namespace, there and below', () => {
    expect(admin(who(initial, 1000, NO_CAPABILITIES))).toEqual([false, true, true, false])
    expect(admin(who(initial, 2000, NO_CAPABILITIES))).toEqual([false, false, false, true])
    // The maker's uid counts in the parent only.
    expect(admin(who(sibling, 1000, NO_CAPABILITIES))).toEqual([false, false, false, false])
  })

  it('is one bit', () => {
    const set = without(ALL_CAPABILITIES, CAP_NET_ADMIN)
    expect(capableIn(who(initial, 0, set), initial, CAP_NET_ADMIN)).toBe(false)
    expect(capableIn(who(initial, 0, set), initial, CAP_SYS_ADMIN)).toBe(true)
    expect(capableIn(who(initial, 0, 1n << BigInt(CAP_NET_ADMIN)), initial, CAP_NET_ADMIN)).toBe(true)
    expect(without(set, CAP_NET_ADMIN)).toBe(set)
  })
})
