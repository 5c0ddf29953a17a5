import { rmSync } from 'node:fs'
import type { KernelControl, KernelStatus } from '../../commands/context.ts'
import { journalDirectory, type KernelPaths, logFile, socketDirectory } from '../paths.ts'
import { checkPrivate } from '../private-directory.ts'
import { ClientConnection, isNobodyThere } from './connection.ts'
import { readLog } from './log-reader.ts'
import { connectOrStart, type StartOptions } from './start.ts'

async function open(paths: KernelPaths): Promise<ClientConnection> {
  const [connection] = await ClientConnection.open(paths.socket, { door: 'calls' })
  return connection
}

/** The same, but undefined where no kernel process runs. */
async function openIfAny(paths: KernelPaths): Promise<ClientConnection | undefined> {
  try {
    checkPrivate(socketDirectory(paths))
    return await open(paths)
  } catch (error) {
    if (isNobodyThere(error)) return undefined
    throw error
  }
}

async function ask(connection: ClientConnection): Promise<KernelStatus> {
  const { value } = await connection.call('kernel.status')
  await connection.close()
  return value as unknown as KernelStatus
}

/** The kernel process as `netkit kernel` handles it. */
export const kernelControl = (options: StartOptions): KernelControl => ({
  async start({ release, extensions } = {}) {
    const env = { ...(options.env ?? process.env) }
    if (release !== undefined) env.NETKIT_RELEASE = release
    if (extensions !== undefined) env.NETKIT_EXTENSIONS = extensions.join(',')
    const { result, started } = await connectOrStart({ ...options, env }, () => open(options.paths))
    return { started, status: await ask(result) }
  },
  async stop({ discard = false } = {}) {
    const connection = await openIfAny(options.paths)
    if (!connection) {
      if (discard) rmSync(journalDirectory(options.paths), { recursive: true, force: true })
      return false
    }
    // It closes all connections when nothing of it is left: then another one can start.
    await Promise.all([connection.gone(), connection.call('kernel.stop', { discard }).catch(() => undefined)])
    return true
  },
  async status() {
    const connection = await openIfAny(options.paths)
    return connection && ask(connection)
  },
  log: (how) => readLog(logFile(options.paths), how),
})
