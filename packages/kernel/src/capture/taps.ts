import type { PacketBatch } from '../packet/batch.ts'
import type { CaptureSession } from './session.ts'

/** Where packets are shown to the captures that run. While none does, `active` is 0, and asking that is all a packet pays:
 *  `if (taps.active !== 0) taps.see(...)`. */
export class CaptureTaps {
  /** Number of running captures, and of those that want to know what programs do. */
  active = 0
  tracing = 0
  private readonly sessions: CaptureSession[] = []

  add(session: CaptureSession): void {
    if (this.sessions.includes(session)) throw new Error('the capture runs already')
    this.sessions.push(session)
    this.count()
  }

  private count(): void {
    this.active = this.sessions.length
    this.tracing = this.sessions.filter(({ programs }) => programs).length
  }

  /** Says what a program did to a packet. */
  tell(handle: number, device: number, outgoing: boolean, text: string): void {
    for (const session of this.sessions) if (session.programs) session.tell(handle, device, outgoing, text)
  }

  /** Shows nothing to the capture any more, and ends it. */
  remove(session: CaptureSession): void {
    const at = this.sessions.indexOf(session)
    if (at < 0) return
    this.sessions.splice(at, 1)
    this.count()
    session.close()
  }

  /** A packet passes a device; see {@link CaptureSession.see}. */
  see(handle: number, device: number, outgoing: boolean, note: number): void {
    for (let i = 0; i < this.active; i++) this.sessions[i].see(handle, device, outgoing, note)
  }

  seeBatch(batch: PacketBatch, device: number, outgoing: boolean): void {
    for (let i = 0; i < this.active; i++) this.sessions[i].seeBatch(batch, device, outgoing)
  }

  /** A device is gone. */
  forget(device: number): void {
    for (const session of this.sessions) session.forget(device)
  }
}
