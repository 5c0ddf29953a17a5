import koffi from 'koffi'

/** System call numbers. Source: uapi asm/unistd.h of each architecture. */
const NUMBERS = {
  x64: {
    socket: 41,
    sendto: 44,
    recvfrom: 45,
    recvmsg: 47,
    setsockopt: 54,
    ioctl: 16,
    mount: 165,
    unshare: 272,
    setns: 308,
  },
  arm64: {
    socket: 198,
    sendto: 206,
    recvfrom: 207,
    recvmsg: 212,
    setsockopt: 208,
    ioctl: 29,
    mount: 40,
    unshare: 97,
    setns: 268,
  },
} as const

export type SystemCall = keyof (typeof NUMBERS)['x64']

// Source: uapi linux/prctl.h, linux/seccomp.h, linux/filter.h.
const PR_SET_SECCOMP = 22
const PR_SET_NO_NEW_PRIVS = 38
const SECCOMP_MODE_FILTER = 2
const LOAD_NUMBER = { code: 0x20, jt: 0, jf: 0, k: 0 }
const ALLOW = { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }
const EPERM = { code: 0x06, jt: 0, jf: 0, k: 0x00050001 }
/** Skips the next instruction unless the loaded number is this one. */
const unless = (k: number) => ({ code: 0x15, jt: 0, jf: 1, k })

/** From now on these calls of this thread fail with EPERM, as container runtimes make them. There is no way back. */
export function forbid(calls: readonly SystemCall[]): void {
  const numbers = NUMBERS[process.arch as keyof typeof NUMBERS]
  const program = [LOAD_NUMBER, ...calls.flatMap((call) => [unless(numbers[call]), EPERM]), ALLOW]
  const code = new DataView(new ArrayBuffer(8 * program.length))
  for (const [i, { code: op, jt, jf, k }] of program.entries()) {
    code.setUint16(8 * i, op, true)
    code.setUint8(8 * i + 2, jt)
    code.setUint8(8 * i + 3, jf)
    code.setUint32(8 * i + 4, k, true)
  }
  const fprog = new DataView(new ArrayBuffer(16)) // struct sock_fprog
  fprog.setUint16(0, program.length, true)
  fprog.setBigUint64(8, BigInt(koffi.address(code.buffer)), true)
  const prctl = koffi
    .load(null)
    .func('int prctl(int option, uintptr_t two, const void *three, uintptr_t four, uintptr_t five)')
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, null, 0, 0) < 0) throw new Error(`no_new_privs: errno ${koffi.errno()}`)
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, new Uint8Array(fprog.buffer), 0, 0) < 0)
    throw new Error(`seccomp: errno ${koffi.errno()}`)
}
