import type { HelperRow } from './helper.ts'

/** Packets move outside of any process: it is the idle task that programs see. Source: spec 02 §3.5. */
export const TASK: readonly HelperRow[] = [
  { name: 'get_current_pid_tgid', args: [], returns: 'u32', body: () => 0 },
  { name: 'get_current_uid_gid', args: [], returns: 'u32', body: () => 0 },
  {
    name: 'get_current_comm',
    args: ['u32', 'u32'],
    returns: 's32',
    body({ memory: { u8 } }, to, bytes) {
      u8.fill(0, to >>> 0, (to >>> 0) + (bytes >>> 0))
      const name = 'swapper/0'.slice(0, (bytes >>> 0) - 1)
      for (let i = 0; i < name.length; i++) u8[(to >>> 0) + i] = name.charCodeAt(i)
      return 0
    },
  },
]
