import { embedded, simulatedWorld } from '@netkit/kernel'
import { type KernelDoors, refused } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import type { KernelName } from '../grammar/values.ts'
import { shell } from '../testing/shell.ts'

/** Two kernels; the one that is called linux has no hardware to plug in and no door for packets. */
function two() {
  const opened: KernelName[] = []
  const inner = { embedded: embedded({ world: simulatedWorld() }), linux: embedded({ world: simulatedWorld() }) }
  const kernel = async (name: KernelName): Promise<KernelDoors> => {
    opened.push(name)
    const doors = await inner[name]()
    if (name === 'embedded') return doors
    const { netlink, namespaces, close } = doors
    return {
      kind: 'linux',
      release: '6.18.1',
      netlink: netlink.bind(doors),
      namespaces,
      close: close.bind(doors),
      [Symbol.asyncDispose]: close.bind(doors),
    }
  }
  const netkit = shell()
  const run = (line: string, env: Record<string, string> = {}) => netkit(line, { kernel, env })
  return { run, opened, files: netkit.files }
}

describe('which kernel', () => {
  test.each<[string, Record<string, string>, KernelName]>([
    ['link', {}, 'embedded'],
    ['-k linux link', {}, 'linux'],
    ['link show -kernel linux', {}, 'linux'],
    ['link', { NETKIT_KERNEL: 'linux' }, 'linux'],
    ['link', { NETKIT_KERNEL: '' }, 'embedded'],
    ['--kernel=embedded link', { NETKIT_KERNEL: 'linux' }, 'embedded'],
  ])('netkit %s with %o', async (line, env, wanted) => {
    const { run, opened } = two()
    expect(await run(line, env)).toMatchObject({ status: 0, err: '' })
    expect(opened).toEqual([wanted])
  })

  test('a kernel that there is not is refused, and what there are is said', async () => {
    const { run, opened } = two()
    expect(await run('-k windows link')).toMatchObject({
      status: 1,
      err: expect.stringContaining("option -kernel: 'windows' is not embedded or linux"),
    })
    expect(await run('link', { NETKIT_KERNEL: 'windows' })).toMatchObject({
      status: 1,
      err: expect.stringContaining("NETKIT_KERNEL: 'windows' is not embedded or linux"),
    })
    expect(await run('help', { NETKIT_KERNEL: 'windows' })).toMatchObject({ status: 0 })
    expect(opened).toEqual([])
  })

  test('lines of a batch may choose, on one connection to each kernel', async () => {
    const { run, opened, files } = two()
    files.set('lines', new TextEncoder().encode('netns add a\n-k linux netns add b\nnetns\n-k linux netns\n'))
    expect(await run('-b lines')).toEqual({ status: 0, out: 'a\nb\n', err: '' })
    expect(opened).toEqual(['embedded', 'linux'])
  })
})

describe('what only the embedded kernel can do is refused in one sentence', () => {
  test.each([
    'nic add eth0',
    'nic del eth0',
    'nic show',
    'nic play eth0',
    'nic wire eth0 none',
    'kernel start',
    'kernel stop',
    'kernel stop discard',
    'kernel log',
    'send lo frames.pcap',
    'capture any',
  ])('%s', async (line) => {
    const { run, files } = two()
    files.set('frames.pcap', PCAP)
    const { status, out, err } = await run(`-k linux ${line}`)
    expect(err).toMatch(/^Error: [^\n]+: EOPNOTSUPP: [^\n]*linux kernel[^\n]+\n$/)
    expect({ status, out }).toEqual({ status: 2, out: '' })
  })

  test('and the kernel says which it is', async () => {
    const { run } = two()
    expect((await run('-k linux kernel')).out).toBe("running, the machine's own linux kernel, release 6.18.1\n")
    expect((await run('-k linux kernel version')).out).toBe('linux kernel, release 6.18.1\n')
    expect((await run('kernel version')).out).toBe('embedded kernel, answers as Linux 7.3\n')
  })
})

test('what the machine refuses comes with advice', async () => {
  const refuse = (op: string, code: 'EPERM' | 'EOPNOTSUPP' | 'ENOENT', extack?: string) => async () => {
    throw refused(op, code, extack)
  }
  const err = async (kernel: () => Promise<never>, line = '-k linux link') => (await shell()(line, { kernel })).err
  expect(await err(refuse('x', 'EPERM'))).toMatch(/\nHint: the machine's Linux asks for privileges/)
  expect(await err(refuse('x', 'EOPNOTSUPP', 'Unknown device type'))).toMatch(/\nHint: netkit doctor says/)
  expect(await err(refuse('find generic netlink family netdev', 'ENOENT'))).toMatch(/\nHint: netkit doctor says/)
  expect(await err(refuse('open namespace pod', 'ENOENT'))).not.toContain('Hint')
  expect(await err(refuse('x', 'EPERM'), 'link')).not.toContain('Hint')
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
