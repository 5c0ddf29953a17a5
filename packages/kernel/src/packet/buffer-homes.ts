/** Where buffers go back to that are lent to packets and used by none any more. */
export interface BufferHome {
  recycle(buffer: number): void
}

/** Homes by number, which fits into a buffer's record. 0: none. */
export class BufferHomes {
  private readonly homes: (BufferHome | undefined)[] = [undefined]

  add(home: BufferHome): number {
    const vacant = this.homes.indexOf(undefined, 1)
    const number = vacant < 0 ? this.homes.length : vacant
    this.homes[number] = home
    return number
  }

  remove(number: number): void {
    this.homes[number] = undefined
  }

  at(number: number): BufferHome | undefined {
    return this.homes[number]
  }
}
