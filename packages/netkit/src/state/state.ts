import { type Actual, readActual, type StateContext } from './actual.ts'
import { type Applied, type ApplyOptions, apply } from './apply.ts'
import { conflictsIn } from './conflicts.ts'
import { type ExportOptions, exportState, type StateExport } from './export.ts'
import { unknownTo } from './needs.ts'
import { makePlan, type PlanOptions, type StatePlan } from './plan.ts'
import { StateError, type StateFault } from './schema/fault.ts'
import type { StateDocument } from './schema/schema.ts'

/** Declared state: `kernel.state`. Documents are checked and described by `netkit/state`. */
export class State {
  readonly #context: StateContext

  /** @internal */
  constructor(context: StateContext) {
    this.#context = context
  }

  /**
   * What would have to be done so that the kernel is as declared. Changes nothing. What cannot be is told in the plan's
   * `faults`; throws StateError for a document that contradicts itself.
   */
  async plan(
    document: StateDocument,
    options: PlanOptions & { readonly signal?: AbortSignal } = {},
  ): Promise<StatePlan> {
    check(conflictsIn(document))
    const unknown = await unknownTo(this.#context.features, document)
    const plan = makePlan(document, await this.#read(options.signal), options)
    return unknown.length > 0 ? { ...plan, steps: [], faults: [...unknown, ...plan.faults] } : plan
  }

  /**
   * Makes the kernel as declared, step by step. What the document does not say is left alone, and so is what another
   * owns. Can be run again at any time: after a failure, or after the program was killed, it goes on from what the kernel
   * says. Throws StateError, before anything is sent, for what cannot be; rejects with ApplyError when a step fails.
   */
  async apply(document: StateDocument, options: ApplyOptions = {}): Promise<Applied> {
    check(conflictsIn(document))
    check(await unknownTo(this.#context.features, document))
    return await apply(this.#context, document, options)
  }

  /** What there is, as a document that, applied to an empty kernel, gives the same. */
  async export(options: ExportOptions & { readonly signal?: AbortSignal } = {}): Promise<StateExport> {
    return exportState(await this.#read(options.signal), options)
  }

  #read(signal: AbortSignal | undefined): Promise<Actual> {
    return readActual(this.#context, signal)
  }
}

function check(faults: readonly StateFault[]): void {
  if (faults.length > 0) throw new StateError(faults)
}
