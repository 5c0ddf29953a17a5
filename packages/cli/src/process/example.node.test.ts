import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { NETLINK_ROUTE } from '@netkit/netlink'
import { expect, test } from 'vitest'
import { TestKernel } from './testing/kernel-process.ts'
import { ask, newPair } from './testing/requests.ts'

const example = fileURLToPath(new URL('../../../../examples/protocol/links.py', import.meta.url))
const python = spawnSync('python3', ['--version']).status === 0

test.skipIf(!python)(
  'a client in another language needs nothing but the protocol (skipped without python3)',
  async () => {
    await using kernel = new TestKernel()
    const client = await kernel.connect()
    await client.namespaces.create('pod')
    await using socket = await client.netlink({ protocol: NETLINK_ROUTE })
    await ask(socket, newPair('a0'))
    const links = async (...args: string[]) =>
      (await promisify(execFile)('python3', [example, kernel.paths.socket, ...args])).stdout
    expect(await links()).toBe('1: lo\n2: nk0\n3: a0\n')
    expect(await links('pod')).toBe('1: lo\n')
    await expect(links('none')).rejects.toThrow(/there is no namespace with this name/)
  },
)
