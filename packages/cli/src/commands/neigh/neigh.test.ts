import { describe, expect, test } from 'vitest'
import { shell } from '../../testing/shell.ts'

const setup = async () => {
  const netkit = shell()
  const ok = async (line: string) => expect(await netkit(line), line).toEqual({ status: 0, out: '', err: '' })
  await ok('link add nk0 type netkit mode l2 peer name nk1')
  return { netkit, ok }
}

describe('neighbours', () => {
  test('are made, replaced, shown and removed', async () => {
    const { netkit, ok } = await setup()
    await ok('neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev nk0')
    await ok('neigh add 2001:db8::9 lladdr 02:00:00:00:00:0a dev nk1 nud stale router proto static')
    await ok('neigh replace 10.0.0.9 lladdr 02:00:00:00:00:0b dev nk0 nud noarp')
    expect((await netkit('neigh')).out).toBe('2001:db8::9 dev nk1 lladdr 02:00:00:00:00:0a router STALE proto static\n')
    expect((await netkit('neigh show nud all dev nk0')).out).toBe('10.0.0.9 dev nk0 lladdr 02:00:00:00:00:0b NOARP\n')
    expect((await netkit('neigh show nud permanent')).out).toBe('')
    expect((await netkit('neigh show inet')).out).toBe('')
    await ok('neigh del 2001:db8::9 dev nk1')
    expect((await netkit('neigh')).out).toBe('')
  })

  test('are told as JSON with the keys of iproute2', async () => {
    const { netkit, ok } = await setup()
    await ok('neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev nk0 extern_learn')
    expect(JSON.parse((await netkit('-j neigh')).out)).toEqual([
      { dst: '10.0.0.9', dev: 'nk0', lladdr: '02:00:00:00:00:09', extern_learn: null, state: ['PERMANENT'] },
    ])
    expect(JSON.parse((await netkit('-j -s neigh')).out)[0]).toMatchObject({ used: 0, updated: 0, probes: 0 })
  })

  test('are looked up, changed if they are there, and forgotten in some states', async () => {
    const { netkit, ok } = await setup()
    await ok('neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev nk0 nud stale')
    await ok('neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 dev nk0')
    await ok('neigh change 10.0.0.9 lladdr 02:00:00:00:00:0b dev nk0 nud stale')
    expect((await netkit('neigh change 10.0.0.7 lladdr 02:00:00:00:00:07 dev nk0')).err).toContain('ENOENT')
    expect((await netkit('neigh get 10.0.0.9 dev nk0')).out).toBe('10.0.0.9 dev nk0 lladdr 02:00:00:00:00:0b STALE\n')
    expect((await netkit('neigh show nud stale nud reachable')).out).toContain('10.0.0.9 ')
    expect((await netkit('neigh show 10.0.0.8/31')).out).toContain('10.0.0.8 ')
    expect((await netkit('neigh show to 10.1.0.0/16')).out).toBe('')
    await ok('neigh flush dev nk0')
    expect((await netkit('neigh')).out).toBe('10.0.0.8 dev nk0 lladdr 02:00:00:00:00:08 PERMANENT\n')
    await ok('neigh flush nud permanent')
    expect((await netkit('neigh')).out).toBe('')
  })

  test('that others are answered for are a list of their own', async () => {
    const { netkit, ok } = await setup()
    await ok('neigh add 10.0.0.7 dev nk0 proxy')
    expect((await netkit('neigh show nud all')).out).toBe('')
    expect((await netkit('neigh show proxy')).out).toBe('10.0.0.7 dev nk0 proxy\n')
    expect((await netkit('neigh del 10.0.0.7 dev nk0')).err).toContain('ENOENT')
    await ok('neigh del 10.0.0.7 dev nk0 proxy')
    expect((await netkit('neigh show proxy')).out).toBe('')
  })

  test("that cannot be are refused in the kernel's words", async () => {
    const { netkit, ok } = await setup()
    await ok('neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev nk0')
    expect((await netkit('neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev nk0')).err).toContain('EEXIST')
    expect((await netkit('neigh add 2001:db8::8 dev nk0')).err).toContain('No link layer address given')
    expect((await netkit('neigh del 10.0.0.8 dev nk0')).err).toContain('ENOENT')
    expect(await netkit('neigh add 10.0.0.1/24 dev nk0')).toMatchObject({ status: 1, out: '' })
  })
})
