import type { Kernel } from 'netkit'
import type { StateDocument } from 'netkit/state'
import { expect } from 'vitest'

type Device = Pick<NonNullable<StateDocument['singles']>[string], 'addresses' | 'neighbours'>
type Inside = NonNullable<StateDocument['own']>
/** Numbers by which routes, rules and addresses of sets are known, as the documentation has them. */
const isOfSet = (protocol: unknown): boolean => typeof protocol === 'number' && protocol >= 100 && protocol < 183

/** Holds declared addresses, neighbours, routes and rules against what the kernel lists, by what cannot be said in two ways. */
export async function expectIp(document: StateDocument, kernel: Kernel): Promise<void> {
  for (const [id, { netns, name = id, ...one }] of Object.entries(document.nics ?? {}))
    await expectDevice(kernel, netns, name, one)
  for (const [id, { netns, name = id, ...one }] of Object.entries(document.singles ?? {}))
    await expectDevice(kernel, netns, name, one)
  for (const [id, { netns, name = id, peer, ...one }] of Object.entries(document.pairs ?? {})) {
    await expectDevice(kernel, netns, name, one)
    if (peer?.name === undefined) continue
    await expectDevice(kernel, peer.netns === undefined ? netns : (peer.netns ?? undefined), peer.name, peer)
  }
  if (document.own) await expectInside(kernel, undefined, document.own)
  for (const [netns, one] of Object.entries(document.namespaces ?? {})) await expectInside(kernel, netns, one)
}

async function expectDevice(kernel: Kernel, netns: string | undefined, device: string, state: Device): Promise<void> {
  const { addresses, neighbours } = state
  if (addresses) {
    const wanted = addresses.map((one) => {
      const { address, peer } = typeof one === 'string' ? { address: one, peer: undefined } : one
      return peer === undefined ? address : `${address.split('/')[0]}/${peer.split('/')[1]}`
    })
    const there = await kernel.addresses.list({ in: netns, device })
    const made = there.filter(
      ({ attrs, address }) => attrs.proto !== 'kernel-ll' && attrs.proto !== 'kernel-lo' && address !== '127.0.0.1',
    )
    expect(made.map(({ address, prefixLength }) => `${address}/${prefixLength}`).sort(), device).toEqual(wanted.sort())
  }
  if (neighbours) {
    const where = { in: netns, device }
    const there = [
      ...(await kernel.neighbours.list(where)),
      ...(await kernel.neighbours.list({ ...where, proxy: true })),
    ]
    const made = there.filter(({ states, flags }) => states.includes('permanent') || flags.includes('proxy'))
    const text = (to: string, lladdr: string | undefined) => `${to} ${lladdr ?? 'proxy'}`
    expect(made.map(({ address, lladdr }) => text(address, lladdr)).sort(), device).toEqual(
      neighbours.map(({ to, lladdr }) => text(to, lladdr)).sort(),
    )
  }
}

async function expectInside(kernel: Kernel, netns: string | undefined, { lo, routes, rules }: Inside): Promise<void> {
  if (lo) await expectDevice(kernel, netns, 'lo', lo)
  if (routes) {
    const there = await kernel.routes.list({ in: netns, table: 'all' })
    const made = there.filter(({ protocol }) => isOfSet(protocol))
    const texts = made.map(({ dst, type }) => `${type} ${dst}`).sort()
    const wanted = routes.map(({ to, type = 'unicast' }) => `${type} ${to.replace('::/0', 'default')}`).sort()
    expect(texts, `routes of ${netns}`).toEqual(wanted)
  }
  if (rules) {
    const there = await Promise.all(
      (['inet', 'inet6'] as const).map((family) => kernel.rules.list({ in: netns, family })),
    )
    const made = there.flat().filter(({ protocol }) => isOfSet(protocol))
    expect(made.map(({ priority }) => priority).sort(), `rules of ${netns}`).toEqual(
      rules.map(({ priority }) => priority).sort(),
    )
  }
}
