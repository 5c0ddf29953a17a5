/** The kernel process: requests over its socket, and the command as a user starts it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { remote } from '@netkit/cli/remote'
import { NETLINK_ROUTE } from '@netkit/netlink'
import * as message from './harness/messages.ts'
import { elapsed, elapsedAsync, inTurns, report, sized } from './harness/suite.ts'

const ROUNDS = sized(11, 2)
const WARM_UP = sized(3, 1)
const PAIRS = sized(200, 10)
const LINKS = 1000
const COMMAND = 'packages/cli/bin/netkit.cjs'
const MS = 1_000_000

const state = mkdtempSync(join(tmpdir(), 'netkit-bench-'))
const socketPath = join(state, 'kernel.sock')
const env = { ...process.env, NETKIT_STATE: state, NETKIT_SOCKET: socketPath }
const netkit = (...words: string[]): void => void execFileSync(process.execPath, [COMMAND, ...words], { env })
const command = (...words: string[]): number => elapsed(() => netkit(...words)) / MS

const starts: number[] = []
for (let i = 0; i < sized(5, 1); i++) {
  starts.push(command('link', 'show'))
  if (i < sized(5, 1) - 1) netkit('kernel', 'stop')
}
report({ what: 'the first command, which starts the kernel process', unit: 'ms', rounds: starts, target: { max: 600 } })

const doors = await remote({ socket: socketPath })()
const socket = await doors.netlink({ protocol: NETLINK_ROUTE })
const answers = socket.receive()[Symbol.asyncIterator]()
async function ask(request: Uint8Array): Promise<void> {
  await socket.send(request)
  await answers.next()
}
let made = 0
const creations = async (): Promise<number[]> => {
  const took = await elapsedAsync(async () => {
    for (let i = 0; i < PAIRS; i++) await ask(message.createPair(`a${++made}`, `b${made}`))
  })
  for (let i = 0; i < PAIRS; i++) await ask(message.deleteByName(`a${made - i}`))
  return [took / PAIRS / MS]
}
const created = await inTurns(ROUNDS, WARM_UP, creations)
report({ what: 'create a pair over the socket', unit: 'ms', rounds: created.ours[0], target: { max: 0.45 } })

for (let i = 0; i < LINKS / 2; i++) await ask(message.createPair(`c${i}`, `d${i}`))
const NLMSG_DONE = 3
const dump = async (): Promise<number[]> => [
  (await elapsedAsync(async () => {
    await socket.send(message.dumpLinks())
    for (let done = false; !done; ) {
      const { value } = await answers.next()
      done = value === undefined || value.bytes[4] === NLMSG_DONE
    }
  })) / MS,
]
const dumped = await inTurns(ROUNDS, WARM_UP, dump)
report({ what: `dump ${LINKS} links over the socket`, unit: 'ms', rounds: dumped.ours[0], target: { max: 6 } })
for (let i = 0; i < LINKS / 2; i++) await ask(message.deleteByName(`c${i}`))

const shown = await inTurns(ROUNDS, WARM_UP, () => [command('link', 'show')])
report({ what: '`netkit link show`, the process running', unit: 'ms', rounds: shown.ours[0], target: { max: 120 } })
await doors.close()
netkit('kernel', 'stop')
rmSync(state, { recursive: true, force: true })
