import { describe, expect, test } from 'vitest'
import { after, shell } from '../../testing/shell.ts'

describe('devices', () => {
  test('a pair over two namespaces, with the words of both ends', async () => {
    const add =
      'link add nk0 mtu 9000 up type netkit peer name eth0 netns pod mtu 1400 up policy blackhole scrub none mode l2 headroom 16 policy forward'
    const out = await after('netns add pod', add, '-j -d -n pod link show eth0')
    expect(JSON.parse(out)[0]).toMatchObject({
      ifname: 'eth0',
      mtu: 1400,
      operstate: 'UP',
      linkinfo: {
        info_data: {
          mode: 'l2',
          type: 'peer',
          policy: 'blackhole',
          peer_policy: 'forward',
          scrub: 'none',
          peer_scrub: 'default',
          headroom: 16,
        },
      },
    })
  })

  test('a device that is made elsewhere leaves its peer here, as with ip', async () => {
    expect(
      JSON.parse(await after('netns add pod', 'link add nk0 netns pod type netkit peer name nk1', '-j link show nk1')),
    ).toMatchObject([{ link_netnsid: 0 }])
    expect(
      JSON.parse(await after('netns add pod', 'link add a0 netns pod type netkit', '-j -n pod link')),
    ).toHaveLength(3)
  })

  test('are changed, moved, renamed, removed', async () => {
    const netkit = shell()
    const ok = async (line: string) => expect(await netkit(line), line).toEqual({ status: 0, out: '', err: '' })
    await ok('netns add pod')
    await ok('link add nk0 group 7 type netkit peer name nk1 group 7')
    await ok('l set nk0 mtu 2000 alias "two words" promisc on')
    await ok('link set nk0 type netkit blackhole peer policy forward')
    await ok('link property add dev nk0 altname one two')
    await ok('link property del nk0 altname two')
    await ok('link set dev one netns pod name moved up new-ifindex 42')
    const [link] = JSON.parse((await netkit('-j -d -n pod link show moved')).out)
    expect(link).toMatchObject({
      ifindex: 42,
      ifname: 'moved',
      mtu: 2000,
      group: '7',
      ifalias: 'two words',
      altnames: ['one'],
      linkinfo: { info_data: { policy: 'blackhole' } },
    })
    expect(link.flags).toContain('UP')
    expect(await netkit('-n pod link del group 7')).toEqual({
      status: 0,
      out: '',
      err: 'Also removed nk1 here: the other end of moved\n',
    })
    expect(JSON.parse((await netkit('-j link')).out)).toHaveLength(1)
  })

  test('a failure in the middle takes back what was done, and says what cannot be', async () => {
    const netkit = shell()
    for (const line of ['netns add pod', 'link add nk0 type netkit peer name nk1']) await netkit(line)
    expect(await netkit('link set nk0 netns pod mtu 10')).toMatchInlineSnapshot(`
      {
        "err": "Error: device set nk0: EINVAL: mtu less than device minimum; left behind: addresses and routes of nk0, if it had any, are gone with the move
      ",
        "out": "",
        "status": 2,
      }
    `)
  })
})

test('control characters in names and aliases do not reach the terminal', async () => {
  const out = await after(
    "link add d0 alias 'red \u001b[31m' type dummy",
    "link property add d0 altname 'x\u0007'",
    'link show d0',
  )
  expect(out).toContain('alias red \\x1b[31m\n')
  expect(out).toContain('altname x\\x07\n')
  const { err } = await shell()('link show \u001b]0;title')
  expect(err).toContain('\\x1b]0;title')
})
