/** What a file descriptor, a pin or another object can hold. It goes when nothing holds it any more. */
export abstract class BpfObject {
  abstract readonly kind: 'program' | 'map' | 'link' | 'btf'
  readonly id: number
  #holds = 0

  constructor(id: number) {
    this.id = id
  }

  hold(): void {
    this.#holds++
  }

  /** Whoever held it lets go. */
  release(): void {
    if (--this.#holds === 0) this.free()
  }

  get holds(): number {
    return this.#holds
  }

  /** It is no more: lets go of all that it holds. Called once. */
  protected abstract free(): void
}
