import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { type Outcome, run, netkit as words } from './command.ts'

const netkit = (line: string): Promise<Outcome> => words(...line.split(' '))
const done = { status: 0, err: '' }

/** All that `ip` shows of all devices, the command shows, too; but for the list of virtual functions, which is empty. */
async function bothShow(namespace?: string): Promise<void> {
  const place = namespace === undefined ? [] : ['-n', namespace]
  const theirs = JSON.parse((await run('ip', ...place, '-d', '-j', 'link', 'show')).out) as Shown[]
  const ours = JSON.parse((await words(...place, '-d', '-j', 'link', 'show')).out) as Shown[]
  expect(ours.map((link) => link.ifname)).toEqual(theirs.map((link) => link.ifname))
  for (const [i, { vfinfo_list: _, ...link }] of theirs.entries()) {
    expect(ours[i], `${link.ifname}, as ip shows it`).toMatchObject(link)
  }
}
type Shown = { readonly ifname: string } & Readonly<Record<string, unknown>>

describe.sequential('as root, with the built command', { timeout: 120_000 }, () => {
  test('a single device is made, which ip cannot', async () => {
    expect(await netkit('link add nk0 type netkit mode l2 pairing single numrxqueues 4')).toMatchObject(done)
    const shown = await netkit('-d link show dev nk0')
    expect(shown).toMatchObject(done)
    expect(shown.out).toMatch(/: nk0@NONE: .* netkit mode l2 .* pairing single .* numrxqueues 4 /s)
  })

  test('it leases queue 1 of a NIC', async () => {
    writeFileSync('/sys/bus/netdevsim/new_device', '7 1 4')
    expect(await netkit('link set dev eth0 up')).toMatchObject(done)
    expect(await netkit('link set dev nk0 up')).toMatchObject(done)
    expect(await netkit('lease add dev nk0 from eth0 queue 1')).toMatchObject(done)
    const { out } = await netkit('-j lease show')
    expect(JSON.parse(out)).toMatchObject([
      { lessor: { ifname: 'eth0', queue: 1 }, lessee: { ifname: 'nk0', queue: 1 } },
    ])
  })

  test('what the kernel refuses is said with its words, and the status says so', async () => {
    const again = await netkit('lease add dev nk0 from eth0 queue 1')
    expect(again.status).not.toBe(0)
    expect(again.err).toContain('EBUSY')
    expect(again.err).toContain('Device queue in use due to queue leasing')
    const gone = await netkit('link show dev nothing')
    expect(gone.status).not.toBe(0)
    expect(gone.err).toContain('Device "nothing" does not exist')
  })

  test('a pair goes into a namespace', async () => {
    expect(await netkit('netns add pod')).toMatchObject(done)
    expect(await netkit('link add a type netkit mode l2 peer name eth0 netns pod')).toMatchObject(done)
    expect(await netkit('link set dev a up')).toMatchObject(done)
    expect(await netkit('-n pod link set dev eth0 up mtu 1400')).toMatchObject(done)
    expect((await run('ip', 'netns', 'list')).out).toContain('pod')
    expect(JSON.parse((await run('ip', '-n', 'pod', '-j', 'link', 'show', 'eth0')).out)).toMatchObject([
      { ifname: 'eth0', mtu: 1400, operstate: 'UP' },
    ])
  })

  test('ip shows the same, field by field', () => bothShow())
  test('and in the namespace', () => bothShow('pod'))

  test('doctor finds all that leases need', async () => {
    const { status, out } = await netkit('-j doctor')
    const found = JSON.parse(out)
    expect(found).toMatchObject({ kind: 'linux' })
    for (const [feature, { answer }] of Object.entries<{ answer: string }>(found.features))
      expect(answer, feature).toBe('yes')
    expect(status).toBe(0)
  })

  test('what a file declares is made, once', async () => {
    const file = '/host/examples/state/two-pods.yaml'
    expect(await netkit(`apply -f ${file}`)).toMatchObject(done)
    expect((await netkit(`apply -f ${file}`)).out).toBe('nothing to do\n')
    await bothShow('blue')
    expect((await netkit('export')).out).toContain('blue')
    expect(await netkit('netns del blue')).toMatchObject({ status: 0 })
  })

  test('all of it goes again', async () => {
    expect(await netkit('link del dev nk0')).toEqual({
      status: 0,
      out: '',
      err: 'Ended the lease of eth0 rx 1 to nk0 rx 1\n',
    })
    expect(JSON.parse((await netkit('-j lease show')).out)).toEqual([])
    const said = 'eth0 in pod: lives in pod\n'
    const dry = await netkit('-dry-run netns del pod')
    expect(dry).toMatchObject({ status: 0, out: 'namespaces remove name pod\n' })
    expect(dry.err).toBe(`Would also remove ${said}Would also remove a here: the other end of eth0\n`)
    expect((await run('ip', 'link', 'show', 'a')).status).toBe(0)
    const { status, err } = await netkit('netns del pod')
    expect({ status, err }).toEqual({
      status: 0,
      err: `Also removed ${said}Also removed a here: the other end of eth0\n`,
    })
    expect((await run('ip', 'link', 'show', 'nk0')).status).not.toBe(0)
  })
})

afterAll(() => {
  try {
    writeFileSync('/sys/bus/netdevsim/del_device', '7')
  } catch {
    // It was never there.
  }
})
