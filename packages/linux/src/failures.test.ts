import { type KernelDoors, NLMSG_ERROR, RTM_NEWLINK } from '@netkit/netlink'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { NoLinuxError, whyNotHere } from './ffi/machine.ts'
import { linux } from './linux.ts'
import { asRoot, onLinux } from './testing/here.ts'
import { makePlace, type Place } from './testing/namespace.ts'
import { type Bundle, bundle } from './testing/run.ts'

let child: Bundle
beforeAll(async () => {
  child = await bundle('child.ts')
})
afterAll(() => child.remove())

async function outcomeOf(...words: string[]): Promise<unknown> {
  const { stdout, stderr } = await child.run(...words)
  try {
    return JSON.parse(stdout)
  } catch (cause) {
    throw new Error(`no outcome: ${stdout}${stderr}`, { cause })
  }
}

const refused = (code: string, message: RegExp) => ({
  code,
  message: expect.stringMatching(message),
  leaked: false,
  moved: false,
})
const fine = { value: 'done', leaked: false, moved: false }

let doors: KernelDoors
let place: Place
const open = async () => {
  doors = await linux()()
  place = await makePlace(doors)
}
const close = async () => {
  await place[Symbol.asyncDispose]()
  await doors.close()
}

asRoot('who has no privilege', () => {
  beforeEach(open)
  afterEach(close)

  test.for([
    ['create', 'EPERM', /^create namespace .*CAP_SYS_ADMIN/],
    ['remove', 'EPERM', /^remove namespace /],
    ['openOfInit', 'EACCES', /^open the namespace of process 1: /],
    ['openSocketIn', 'EPERM', /^open a netlink socket: EPERM: CAP_SYS_ADMIN/],
    ['listenToAll', 'EPERM', /^turn on NETLINK_LISTEN_ALL_NSID/],
  ] as const)('is refused to %s', async ([what, code, message]) => {
    expect(await outcomeOf('nobody', '-', what, place.name)).toEqual(refused(code, message))
  })

  test.for(['open', 'listen'])('may %s', async (what) => {
    expect(await outcomeOf('nobody', '-', what, place.name)).toEqual(fine)
  })
})

asRoot('a system call that a filter denies', () => {
  beforeEach(open)
  afterEach(close)

  test.for([
    ['socket', 'ask', /^open a netlink socket of protocol 0: EPERM/],
    ['setsockopt', 'ask', /^turn on NETLINK_EXT_ACK of a netlink socket: EPERM/],
    ['sendto', 'ask', /^send a datagram of \d+ bytes: EPERM/],
    ['recvfrom', 'ask', /^receive from a netlink socket: EPERM/],
    ['ioctl', 'open', /^open namespace .*EPERM/],
    ['setns', 'openSocketIn', /^open a netlink socket: EPERM: CAP_SYS_ADMIN/],
    ['setns', 'create', /^create namespace .*EPERM/],
    ['unshare', 'create', /^create namespace .*EPERM/],
    ['mount', 'create', /^create namespace .*EPERM/],
  ] as const)('%s, to %s', async ([call, what, message]) => {
    const name = what === 'create' ? `${place.name}-new` : place.name
    expect(await outcomeOf('root', call, what, name)).toEqual(refused('EPERM', message))
    expect(await doors.namespaces.list()).not.toContain(`${place.name}-new`)
  })
})

asRoot('a thread that cannot come back from a namespace', () => {
  beforeEach(open)
  afterEach(close)

  test('does not go on', async () => {
    const { status, stdout, stderr } = await child.run('root', '-', 'lose', place.name)
    expect(JSON.parse(stdout)).toEqual(['NamespaceLostError', 'NamespaceLostError'])
    expect(stderr).toContain('look around: this thread cannot get back into its network namespace (EPERM)')
    expect(status).toBe(1)
  })
})

onLinux('a program', () => {
  test('ends by itself, whatever it has left open', async () => {
    const { status, stdout } = await child.run('root', '-', 'leaveOpen')
    expect(JSON.parse(stdout)).toMatchObject({ value: [RTM_NEWLINK, NLMSG_ERROR] })
    expect(status).toBe(0)
  })

  test('leaves at once while it waits', async () => {
    expect(await child.run('root', '-', 'exitWaiting')).toMatchObject({ status: 7, stderr: '' })
  })

  test('does nothing while it waits, and has no thread for it', async () => {
    const outcome = (await outcomeOf('root', '-', 'idle')) as { value: { microseconds: number; threads: number } }
    expect(outcome).toMatchObject({ leaked: false, value: { threads: 0 } })
    expect(outcome.value.microseconds).toBeLessThan(100_000)
  })

  test('can stop a worker that waits', async () => {
    expect(await outcomeOf('root', '-', 'stopWorker')).toMatchObject({ value: 1 })
  })
})

describe('where the machine’s kernel cannot be reached', () => {
  afterEach(() => {
    vi.doUnmock('koffi')
    vi.resetModules()
  })

  test('it says why: no Linux, or none that it knows how to call', () => {
    expect(whyNotHere({ platform: 'darwin', arch: 'arm64' })).toMatch(/runs darwin, not Linux; the embedded kernel/)
    expect(whyNotHere({ platform: 'linux', arch: 's390x' })).toMatch(/Linux on s390x .* only on x64 and arm64/)
    expect(whyNotHere({ platform: 'linux', arch: 'arm64' })).toBeUndefined()
  })

  test.skipIf(process.platform !== 'linux')('it says why: koffi is missing', async () => {
    vi.resetModules()
    vi.doMock('koffi', () => {
      throw new Error('Cannot find package')
    })
    const fresh = await import('./linux.ts')
    const error = await fresh
      .linux()()
      .catch((e) => e)
    expect(error.name).toBe('NoLinuxError')
    expect(error.message).toMatch(/koffi is not installed/)
    expect(error).not.toBeInstanceOf(NoLinuxError) // of another instance of the module, so that the mock was used
  })
})
