import type { OpenObject } from '../../net/process.ts'
import type { World } from '../../world.ts'

/**
 * Whether runs of programs are counted and timed, and by which clock. Open descriptors of BPF_ENABLE_STATS hold it: it is on as long as there
 * are any. Source: uapi linux/bpf.h.
 */
export class RunStatistics implements OpenObject {
  readonly kind = 'statistics'
  readonly #world: World
  #holds = 0

  constructor(world: World) {
    this.#world = world
  }

  get isOn(): boolean {
    return this.#holds > 0
  }

  now(): bigint {
    return this.#world.now()
  }

  hold(): void {
    this.#holds++
  }

  release(): void {
    this.#holds--
  }
}
