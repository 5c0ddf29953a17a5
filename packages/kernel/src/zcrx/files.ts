import type { OpenObject } from '../net/process.ts'
import type { ZcrxInstance } from './instance.ts'
import type { ReceivingStream } from './stream.ts'

/** A socket behind a descriptor, for requests. */
export class SocketFile implements OpenObject {
  readonly kind = 'socket'
  /** Undefined: of a protocol that cannot be received from without copies. */
  readonly stream: ReceivingStream | undefined

  constructor(stream: ReceivingStream | undefined) {
    this.stream = stream
  }

  hold(): void {
    // The descriptor is the socket's own and goes with it.
  }

  release(): void {
    // As with hold.
  }
}

/** An instance behind a descriptor, for other rings. */
export class ExportedInstance implements OpenObject {
  readonly kind = 'zcrx'
  readonly instance: ZcrxInstance

  constructor(instance: ZcrxInstance) {
    this.instance = instance
  }

  hold(): void {
    this.instance.use()
  }

  release(): void {
    this.instance.unuse()
    this.instance.drop()
  }
}
