import type { PingEvent } from 'netkit'
import { Entry } from '../../print/entry.ts'

/** What ping(8) says at the end. */
export class PingStatistics {
  received = 0
  #duplicates = 0
  #errors = 0
  #least = Number.POSITIVE_INFINITY
  #most = 0
  #sum = 0
  #squares = 0

  add(event: PingEvent): void {
    if (event.type === 'error') this.#errors++
    if (event.type !== 'reply') return
    if (event.duplicate) this.#duplicates++
    else this.received++
    this.#least = Math.min(this.#least, event.rtt)
    this.#most = Math.max(this.#most, event.rtt)
    this.#sum += event.rtt
    this.#squares += event.rtt ** 2
  }

  /** `ms`: from the beginning to the end. */
  entry(address: string, sent: number, ms: number): Entry {
    const loss = sent === 0 ? 0 : (100 * (sent - this.received)) / sent
    const entry = new Entry()
      .only('type', 'statistics')
      .say(`\n--- ${address} ping statistics ---\n`)
      .add('packets_transmitted', sent, `${sent} packets transmitted, `)
      .add('packets_received', this.received, `${this.received} received, `)
      .add('duplicates', this.#duplicates, this.#duplicates > 0 ? `+${this.#duplicates} duplicates, ` : '')
      .add('errors', this.#errors, this.#errors > 0 ? `+${this.#errors} errors, ` : '')
      .add('packet_loss_percent', loss, `${Number(loss.toPrecision(6))}% packet loss, `)
      .add('time_ms', Math.round(ms), `time ${Math.round(ms)}ms\n`)
    const count = this.received + this.#duplicates
    if (count > 0) this.#addTimes(entry, count)
    return entry
  }

  #addTimes(entry: Entry, count: number): void {
    const mean = this.#sum / count
    const deviation = Math.sqrt(Math.max(0, this.#squares / count - mean ** 2))
    const times = [this.#least, mean, this.#most, deviation]
    const [min, avg, max, mdev] = times.map((time) => Number(time.toFixed(3)))
    entry
      .only('rtt_min_ms', min)
      .only('rtt_avg_ms', avg)
      .only('rtt_max_ms', max)
      .only('rtt_mdev_ms', mdev)
      .say(`rtt min/avg/max/mdev = ${times.map((time) => time.toFixed(3)).join('/')} ms\n`)
  }
}
