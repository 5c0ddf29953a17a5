import { assemble, encode } from '@netkit/bpf'
import { expect, test } from 'vitest'
import { objectFile } from '../../testing/object-file.ts'
import { type Shell, shell } from '../../testing/shell.ts'

const object = (name: string, asm: string, section = 'tc') => objectFile(name, section, encode(assemble(asm)))
const ok = { status: 0, err: '' }

async function bench(): Promise<Shell> {
  const netkit = shell()
  netkit.files.set('pass.o', object('pass', 'r0 = 0; exit', 'netkit/primary'))
  netkit.files.set('drop.o', object('drop', 'r0 = 2; exit'))
  netkit.files.set('bad.o', object('bad', 'r0 = *(u64 *)(r10 + 8); exit'))
  netkit.files.set('packet', new Uint8Array(60).fill(7))
  expect(await netkit('link add nk0 type netkit peer name nk1')).toMatchObject(ok)
  return netkit
}

test('programs are attached in order, shown and detached', async () => {
  const netkit = await bench()
  expect((await netkit('prog attach pass.o dev nk0')).out).toBe('program 1 (pass) attached to nk0 primary\n')
  await netkit('prog attach drop.o dev nk0 at primary before pass')
  await netkit('prog attach pass.o dev nk0 at primary after 2 revision 3')
  await netkit('prog attach drop.o dev nk0 at peer pin /sys/fs/bpf/link')
  expect((await netkit('prog show dev nk0')).out).toBe(
    [
      'AT       REVISION  POS  PROG  NAME  LINK',
      'primary         4    0     2  drop',
      'primary         4    1     3  pass',
      'primary         4    2     1  pass',
      'peer            2    0     4  drop     1',
      '',
    ].join('\n'),
  )
  expect(await netkit('prog detach drop dev nk0 at primary')).toMatchObject(ok)
  expect(await netkit('prog detach dev nk0 at primary first')).toMatchObject(ok)
  await netkit('prog update link 1 pass.o')
  expect(JSON.parse((await netkit('-j prog show dev nk0')).out)).toEqual([
    { at: 'netkit_primary', revision: 6, programs: [{ id: 1, name: 'pass' }] },
    { at: 'netkit_peer', revision: 3, programs: [{ id: 5, name: 'pass', link: 1 }] },
  ])
  expect((await netkit('prog links')).out).toContain('netkit     5  nk1  peer  /sys/fs/bpf/link')
  expect(await netkit('prog unpin /sys/fs/bpf/link')).toMatchObject(ok)
  expect((await netkit('prog links')).out).toBe('')
})

test('what is refused is said in the words of the thing', async () => {
  const netkit = await bench()
  const errors: [line: string, status: number, text: string][] = [
    ['prog attach pass.o dev nk1', 2, 'it is the peer of a pair'],
    ['prog attach pass.o dev lo at primary', 2, 'it is no netkit device'],
    ['prog attach pass.o dev nk0 revision 9', 2, 'programs were attached or detached meanwhile'],
    ['prog attach drop.o dev nk0', 1, "'at' is missing"],
    ['prog attach drop.o dev none at ingress', 1, 'ENODEV'],
    ['prog attach 99 dev nk0 at primary', 2, 'there is none with this id'],
    ['prog detach dev nk0 at primary', 2, 'it is not attached there'],
    ['prog load bad.o', 2, 'load program bad: EACCES: invalid read from stack'],
    ['prog load packet', 1, 'an object file is expected here'],
    ['prog unpin /sys/fs/bpf/none', 2, 'nothing is pinned there'],
    ['prog run pass.o', 1, 'a packet is missing'],
    ['prog run --raw 95 data 00', 1, "'data' does not go with raw"],
    ['map show none', 1, 'there is no map with the name none'],
    ['map create /tmp/x type array key 4 value 4 entries 1', 2, 'not in a BPF file system'],
  ]
  for (const [line, status, text] of errors) {
    const result = await netkit(line)
    expect({ line, status: result.status, out: result.out }).toEqual({ line, status, out: '' })
    expect(result.err).toContain(text)
  }
  expect((await netkit('prog load bad.o')).err.split('\n').slice(0, 2).join(' ')).toMatch(/R10|stack/)
})

test('programs run over packets', async () => {
  const netkit = await bench()
  expect((await netkit('prog run drop.o data-in packet')).out).toMatch(/^returned 2, \d+ ns\n$/)
  const json = JSON.parse((await netkit('prog run drop.o --data-in packet --repeat 3 -j')).out)
  expect(json).toEqual({ retval: 2, duration: expect.any(Number), data_out: Array.from({ length: 60 }, () => '0x07') })
  await netkit('prog run pass.o data-in packet data-out after')
  expect(netkit.files.get('after')).toEqual(Buffer.alloc(60, 7))
  expect((await netkit('prog dump pass.o')).out).toBe('pass:\n   0: (b7) r0 = 0\n   1: (95) exit\n')
})

test('maps are made, filled, shown and watched', async () => {
  const netkit = await bench()
  const map = '/sys/fs/bpf/flows'
  expect((await netkit(`map create ${map} type hash key 4 value 8 entries 4`)).out).toBe(`1: hash pinned at ${map}\n`)
  await netkit(`map update ${map} 7 0x100000000`)
  await netkit(`map update flows "00 00 00 01" hex:0102030405060708 new`)
  expect((await netkit('map lookup flows 7')).out).toBe('00 00 00 00 01 00 00 00\n')
  expect((await netkit('map dump flows -j')).out).toContain('{"key":"00000001","value":"0102030405060708"}')
  expect(await netkit('map lookup 1 8')).toMatchObject({ status: 1, err: 'Error: map flows has no element 8\n' })
  expect((await netkit('map show')).out.split('\n')[1]).toBe(' 1  hash  flows    4      8    4  /sys/fs/bpf/flows')
  await netkit('map delete flows 7')
  expect(JSON.parse((await netkit('map dump flows -j')).out)).toHaveLength(1)
  await netkit('map create /sys/fs/bpf/queue type queue value 4 entries 2')
  await netkit('map push queue 5')
  expect((await netkit('map peek queue')).out).toBe('05 00 00 00\n')
  expect((await netkit('map pop queue -j')).out).toBe('{"value":"05000000"}\n')
  expect(await netkit('map pop queue')).toMatchObject({ status: 1, err: 'Error: map queue is empty\n' })
})

test('XDP programs are attached by netlink and by links, and shown with their devices', async () => {
  const netkit = await bench()
  netkit.files.set('xdp.o', object('edge', 'r0 = 2; exit', 'xdp'))
  expect(await netkit('link add va type veth peer name vb')).toMatchObject(ok)
  expect((await netkit('prog attach xdp.o dev va')).out).toBe('program 1 (edge) attached to va xdp\n')
  expect((await netkit('prog attach xdp.o dev nk0 at xdpgeneric pin /sys/fs/bpf/edge')).out).toContain('nk0 xdpgeneric')
  expect((await netkit('link show va')).out).toMatch(
    /mtu 1500 xdp qdisc (.*\n)+ {4}prog\/xdp id 1 name edge tag [0-9a-f]{16}/,
  )
  expect((await netkit('-d link show nk0')).out).toMatch(
    /mtu 1500 xdpgeneric (.*\n)+ {4}prog\/xdp id 2 name edge tag [0-9a-f]{16} load_time \d+ created_by_uid 0/,
  )
  expect(JSON.parse((await netkit('-j link show va')).out)[0].xdp).toMatchObject({
    mode: 1,
    prog: { id: 1, name: 'edge' },
    attached: [{ mode: 1, prog: { id: 1 } }],
  })
  expect((await netkit('prog show dev va')).out).toContain('xdpdrv')
  expect(await netkit('prog detach dev nk0 at xdpgeneric')).toMatchObject({ status: 2 })
  expect(await netkit('prog attach xdp.o dev va at xdp replace 2')).toMatchObject({ status: 2 })
  expect(await netkit('prog attach xdp.o dev va at xdp replace edge')).toMatchObject({ status: 1 })
  expect(await netkit('prog detach dev va at xdp')).toMatchObject(ok)
  expect((await netkit('link show va')).out).not.toContain('xdp')
})

test('changes of a map are told as they are seen', async () => {
  const netkit = await bench()
  await netkit('map create /sys/fs/bpf/flows type hash key 4 value 4 entries 4')
  await netkit('map update flows 1 1')
  let told = ''
  const watching = netkit('map watch flows interval 10 count 3', {
    write(text) {
      told += text
    },
  })
  const seen = async (line: string) => {
    while (!told.includes(line)) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  // Nothing says that the first look is done: what is changed before it is no change, and is changed again.
  for (let n = 2; told === ''; n++) {
    await netkit(`map update flows 1 ${n}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(told).toMatch(/^~ 01 00 00 00 {2}0[2-9a-f] 00 00 00\n/)
  await netkit('map update flows 2 7')
  await seen('+ 02 00 00 00  07 00 00 00\n')
  await netkit('map delete flows 2')
  expect(await watching).toMatchObject({ status: 0, err: '' })
  expect(told.split('\n')).toHaveLength(4)
})

test('programs of single devices are attached where the kernel has the extension, and counted', async () => {
  const netkit = shell({ extensions: ['netkit-xdp'] })
  netkit.files.set('guard.o', object('guard', 'r0 = 3; exit', 'xdp/netkit_egress'))
  netkit.files.set('reply.o', object('reply', 'r0 = 1; exit', 'xdp/netkit_inject'))
  await netkit('link add nk0 type netkit mode l2 pairing single')
  await netkit('link set nk0 up')
  expect((await netkit('prog attach guard.o dev nk0')).out).toBe('program 1 (guard) attached to nk0 xdpegress\n')
  expect(await netkit('prog attach reply.o dev nk0 at xdpinject pin /sys/fs/bpf/reply')).toMatchObject(ok)
  expect(await netkit('prog attach guard.o dev nk0 at xdpegress')).toMatchObject({
    status: 2,
    err: expect.stringContaining('EEXIST'),
  })
  expect((await netkit('prog show dev nk0')).out).toBe(
    [
      'AT         REVISION  POS  PROG  NAME   LINK',
      'xdpegress         2    0     1  guard',
      'xdpinject         2    0     2  reply     1',
      '',
    ].join('\n'),
  )
  expect((await netkit('-s link show nk0')).out).not.toContain('XDP')
  netkit.files.set('packet.pcap', PCAP)
  expect(await netkit('send nk0 packet.pcap')).toMatchObject(ok)
  expect((await netkit('-s link show nk0')).out).toContain(
    [
      '    XDP egress: tx 0 pass 0 drop 0 redirect 0 aborted 0',
      '    XDP inject: tx 0 pass 0 drop 1 redirect 0 aborted 0',
    ].join('\n'),
  )
  expect(JSON.parse((await netkit('-s -j link show nk0')).out)[0].netkit_xdp_inject).toMatchObject({ drop: 1 })
  expect(await netkit('prog detach dev nk0 at xdpegress')).toMatchObject(ok)
})

test('without the extension there is no such place', async () => {
  const netkit = shell()
  netkit.files.set('guard.o', object('guard', 'r0 = 3; exit', 'xdp/netkit_egress'))
  await netkit('link add nk0 type netkit pairing single')
  expect(await netkit('prog attach guard.o dev nk0')).toMatchObject({
    status: 2,
    err: expect.stringContaining('EINVAL'),
  })
})

/** A recording with one frame of 14 bytes. */
const PCAP = new Uint8Array(24 + 16 + 14)
const view = new DataView(PCAP.buffer)
for (const [at, value] of [
  [0, 0xa1b2c3d4],
  [4, 0x0004_0002],
  [16, 65_535],
  [20, 1],
  [32, 14],
  [36, 14],
])
  view.setUint32(at, value, true)
