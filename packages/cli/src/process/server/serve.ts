import { join } from 'node:path'
import { type Journal, reconnectWires, reviveKernel, snapshotLines } from '@netkit/kernel'
import { openTap, peerCredentials } from '@netkit/linux'
import { VERSION } from '../../version.ts'
import { type Found, JournalStore } from '../journal/store.ts'
import { journalDirectory, type KernelPaths, lockFile, logFile, socketDirectory } from '../paths.ts'
import { makePrivate, ownUid } from '../private-directory.ts'
import type { Host } from './host.ts'
import { type Lock, locker, type TryLock } from './lock.ts'
import { type Log, openLog } from './log.ts'
import { continuedFile, machineFiles } from './machine-files.ts'
import { answers, KernelServer } from './server.ts'
import { Turn } from './turn.ts'

const PATIENCE_MS = 60_000
const MOMENT_MS = 10

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Waits for the lock; undefined if there is a kernel process that answers. */
async function becomeTheOne(tryLock: TryLock, socket: string): Promise<Lock | undefined> {
  const until = performance.now() + PATIENCE_MS
  while (true) {
    const lock = tryLock()
    if (lock) return lock
    if (await answers(socket)) return undefined
    if (performance.now() > until)
      throw new Error(`another kernel process has the lock and does not answer on ${socket}`)
    await pause(MOMENT_MS)
  }
}

/** Both locks: of the state and of the socket, which can be chosen apart. */
async function lockBoth(paths: KernelPaths): Promise<Lock | undefined> {
  const state = await becomeTheOne(await locker(lockFile(paths)), paths.socket)
  if (!state) return undefined
  const socket = await becomeTheOne(await locker(`${paths.socket}.lock`), paths.socket)
  if (socket) return { release: () => [socket, state].forEach((lock) => void lock.release()) }
  state.release()
  throw new Error(`a kernel process with another state listens on ${paths.socket}`)
}

/** Writes a snapshot when the log has grown. What fails here loses nothing: the log goes on. */
class Compactor {
  readonly #store: JournalStore
  readonly #journal: Journal
  readonly #log: Log
  #notBefore = 0

  constructor(store: JournalStore, journal: Journal, log: Log) {
    this.#store = store
    this.#journal = journal
    this.#log = log
  }

  run(): void {
    if (!this.#store.wantsCompaction || performance.now() < this.#notBefore) return
    const start = performance.now()
    try {
      this.#store.compact(snapshotLines(this.#journal.kernel, this.#journal.wires))
      this.#log.info({ ms: Math.round(performance.now() - start), bytes: this.#store.bytes }, 'wrote a snapshot')
    } catch (err) {
      this.#log.error({ err }, 'cannot write a snapshot; the log goes on')
      this.#notBefore = performance.now() + PATIENCE_MS
    }
  }
}

/**
 * Becomes the kernel process of these paths: takes the locks, revives the kernel from its journal, listens. Resolves when it
 * listens; to false if another process is it already. Throws where it cannot be.
 */
export async function serve(paths: KernelPaths, env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const uid = ownUid()
  makePrivate(paths.state)
  makePrivate(socketDirectory(paths))
  const lock = await lockBoth(paths)
  if (!lock) return false
  const log = openLog(logFile(paths), env.NETKIT_LOG)
  try {
    await run(paths, uid, lock, log, env)
    return true
  } catch (err) {
    log.fatal({ err }, 'cannot start')
    lock.release()
    throw err
  }
}

async function run(paths: KernelPaths, uid: number, lock: Lock, log: Log, env: NodeJS.ProcessEnv): Promise<void> {
  const start = performance.now()
  const compactBytes = Number(env.NETKIT_JOURNAL_BYTES) || undefined
  const store = new JournalStore(journalDirectory(paths), { sync: env.NETKIT_SYNC === '1', compactBytes })
  const found: Found = store.open()
  const { kernel, journal, events } = reviveKernel({
    ...found,
    release: env.NETKIT_RELEASE || undefined,
    extensions: env.NETKIT_EXTENSIONS?.split(',').filter((name) => name !== ''),
    files: machineFiles,
    openTap,
    wallClock: () => BigInt(Date.now()) * 1_000_000n,
    append: (event) => store.append(event),
  })
  await reconnectWires(journal, {
    continued: continuedFile,
    onError: (nic, err) => log.warn({ err, nic }, 'a wire cannot be connected again'),
  })
  store.commit()
  if (found.torn > 0)
    log.warn({ bytes: found.torn }, 'the end of the journal was cut off: a change that nobody was told of')
  const compactor = new Compactor(store, journal, log)
  const turn = new Turn(() => {
    store.commit()
    compactor.run()
  })
  const peer = await peerCredentials()
  let stopping: { readonly discard: boolean } | undefined
  const host: Host = {
    kernel,
    journal,
    log,
    version: VERSION,
    socketPath: paths.socket,
    journalPath: join(journalDirectory(paths), 'log'),
    startedAt: Date.now(),
    identifiedBy: peer ? 'SO_PEERCRED' : 'file modes',
    connections: () => server.connections,
    journalBytes: () => store.bytes,
    stop(options) {
      if (stopping) return
      stopping = options
      // After the turn in which it was asked for, so that the answer leaves.
      setImmediate(() => setImmediate(end))
    },
  }
  const server = new KernelServer({ host, turn, path: paths.socket, peer, uid })

  function end(): void {
    server.close()
    turn.end()
    if (stopping?.discard) store.discard()
    else store.close()
    log.info({ discard: stopping?.discard ?? false }, 'stopped')
    lock.release()
    process.exit(0)
  }

  /** A fault that leaves the kernel in a state that nobody knows: the journal has what was acknowledged. */
  function fail(err: unknown): void {
    log.fatal({ err }, 'failed')
    process.exit(70)
  }

  process.on('SIGTERM', () => host.stop({ discard: false }))
  process.on('SIGINT', () => host.stop({ discard: false }))
  process.on('SIGHUP', () => undefined)
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  await server.listen()
  log.info(
    { socket: paths.socket, events, ms: Math.round(performance.now() - start), identifiedBy: host.identifiedBy },
    'started',
  )
}
