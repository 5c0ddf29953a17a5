import { MSG_DONTWAIT, POLLIN } from '@netkit/netlink'
import { type Calls, calls } from '../ffi/calls.ts'

/** How any thread of this process wakes the machine's kernel for an AF_XDP socket, and waits for it. */
export interface LinuxXskWakeup {
  /** Has the kernel look at the TX ring: 0 or a negative errno. */
  send(): number
  /** Has the kernel look at the fill ring: 0 or a negative errno. */
  receive(): number
  /** Blocks the thread until something was received or `timeout` ms have passed. */
  wait(timeout: number): void
}

/**
 * For rings that a worker was handed: `new XskRings(layout, await xskWakeup(fd))`. `fd`: the socket's descriptor, which is the same in all
 * threads and must stay open. Rejects with NoLinuxError where `linux()` does.
 */
export async function xskWakeup(fd: number): Promise<LinuxXskWakeup> {
  const c = await calls()
  const pollfd = Int32Array.of(fd, POLLIN)
  return {
    send: () => outcome(c, c.kick(fd, 0, 0, MSG_DONTWAIT)),
    receive: () => outcome(c, c.recv(fd, 0, 0, MSG_DONTWAIT)),
    wait(timeout) {
      c.poll(pollfd, 1, Math.ceil(timeout))
    },
  }
}

const outcome = (c: Calls, result: number): number => (result < 0 ? -c.errno() : result)
