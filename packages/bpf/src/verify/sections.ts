import { invalid } from './refusal.ts'
import type { State } from './state.ts'
import type { Verification } from './verification.ts'

/** Begins or ends a section in which the program is not interrupted, or nothing that it reads is freed. */
export function changeSections({ state }: Verification, name: string): void {
  switch (name) {
    case 'bpf_rcu_read_lock':
      state.rcu++
      return
    case 'bpf_rcu_read_unlock':
      if (state.rcu === 0) throw invalid(`unmatched rcu read unlock (kernel function ${name})`)
      state.rcu--
      return
    case 'bpf_preempt_disable':
      state.preempt++
      return
    case 'bpf_preempt_enable':
      if (state.preempt === 0) throw invalid(`unmatched attempt to enable preemption (kernel function ${name})`)
      state.preempt--
      return
    default:
  }
}

/** Refuses what may not be done before all sections have ended. */
export function refuseOpenSections({ lock, rcu, preempt }: State, what: string): void {
  if (lock) throw invalid(`${what} cannot be used inside bpf_spin_lock-ed region`)
  if (rcu > 0) throw invalid(`${what} cannot be used inside bpf_rcu_read_lock-ed region`)
  if (preempt > 0) throw invalid(`${what} cannot be used inside bpf_preempt_disable-ed region`)
}
