/** What a file descriptor, a pin or another object can hold. It goes when nothing holds it any more. */
export abstract class BpfObject {
  abstract readonly kind: 'program' | 'map' | 'link' | 'btf' | 'perf event'
  readonly id: number
  #holds = 0
  #inside = 0

  constructor(id: number) {
    this.id = id
  }

  hold(): void {
    this.#holds++
  }

  /** Whoever held it lets go. */
  release(): void {
    if (--this.#holds === 0) this.free()
    else if (this.#holds === this.#inside) this.unused()
  }

  /** Another object holds it, which does not make it one that somebody uses. */
  holdInside(): void {
    this.#inside++
    this.hold()
  }

  releaseInside(): void {
    this.#inside--
    this.release()
  }

  get holds(): number {
    return this.#holds
  }

  /** No descriptor and no pin is left; other objects still hold it. */
  protected unused(): void {
    // Most objects do not mind.
  }

  /** It is no more: lets go of all that it holds. Called once. */
  protected abstract free(): void
}
