import type { HelperRow, HelperWorld } from './helper.ts'

/** Ticks in a second, as Debian builds kernels, and the count that they start with. */
const TICK_NS = 4_000_000n
const FIRST_JIFFY = 0x1_0000_0000n - 300n * 250n

function answer({ memory: { view }, resultCell }: HelperWorld, value: bigint): number {
  view.setBigUint64(resultCell, BigInt.asUintN(64, value), true)
  return 0
}

const clock = (name: string, read: (of: HelperWorld) => bigint): HelperRow => ({
  name,
  args: [],
  returns: 'u64',
  body: (of) => answer(of, read(of)),
})

/** Time and chance come from the kernel's world. Source: spec 02 §3.6. */
export const TIME: readonly HelperRow[] = [
  clock('ktime_get_ns', ({ world }) => world.now()),
  clock('ktime_get_boot_ns', ({ world }) => world.now()),
  clock('ktime_get_coarse_ns', ({ world }) => world.now() - (world.now() % TICK_NS)),
  clock('ktime_get_tai_ns', ({ world, epoch }) => epoch + world.now()),
  clock('jiffies64', ({ world }) => FIRST_JIFFY + world.now() / TICK_NS),
  { name: 'get_prandom_u32', args: [], returns: 'u32', body: ({ world }) => world.random() | 0 },
  { name: 'get_smp_processor_id', args: [], returns: 'u32', body: () => 0 },
  { name: 'get_numa_node_id', args: [], returns: 'u32', body: () => 0 },
]
