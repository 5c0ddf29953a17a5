/** Who owns memory that fragments refer to. Called for each fragment that takes or drops a reference; must not throw. */
export interface FragmentOwner {
  retain(cookie: number): void
  release(cookie: number): void
}

/** Words of a fragment's record. */
const OFFSET = 0
const LENGTH = 1
const COOKIE = 2
const OWNER_NEXT = 3
const SHIFT = 2

/** Record numbers and owner numbers share a word: 12 bits of owner over 20 bits of successor. */
const NEXT_MASK = 0xfffff
const OWNER_SHIFT = 20
const MOST_OWNERS = 1 << 12
const MOST_FRAGMENTS = NEXT_MASK
/** Owner of a record that is free. */
const FREE = 0

/** Non-linear parts of packets, by reference: singly linked lists of (offset, length, owner), in packet order. Fragment 0 is
 *  "none". Two packets never share a record: a clone gets records of its own, each with a reference of its own, so that either
 *  may change its list or be freed first. */
export class FragmentTable {
  allocated = 0
  freed = 0
  private readonly owners: (FragmentOwner | undefined)[] = [undefined]
  private records = new Int32Array(64 << SHIFT)
  private freeHead = 0
  private untouched = 1

  get inUse(): number {
    return this.allocated - this.freed
  }

  /** Number of an owner, for {@link append}. At most 4095 at once. */
  addOwner(owner: FragmentOwner): number {
    const vacant = this.owners.indexOf(undefined, 1)
    const number = vacant < 0 ? this.owners.length : vacant
    if (number >= MOST_OWNERS) throw new RangeError(`more than ${MOST_OWNERS - 1} fragment owners`)
    this.owners[number] = owner
    return number
  }

  /** The owner has seen all its references released. */
  removeOwner(number: number): void {
    if (!this.owners[number]) throw new Error(`fragment owner ${number} does not exist`)
    this.owners[number] = undefined
  }

  /** A record for `length` bytes at `offset`; the caller's reference on the memory becomes the record's. 0 when the table is
   *  full. */
  alloc(offset: number, length: number, owner: number, cookie: number): number {
    let fragment = this.freeHead
    if (fragment !== 0) this.freeHead = this.records[(fragment << SHIFT) + OWNER_NEXT] & NEXT_MASK
    else {
      if (this.untouched > MOST_FRAGMENTS) return 0
      fragment = this.untouched++
      if (fragment << SHIFT >= this.records.length) this.growRecords()
    }
    const records = this.records
    const i = fragment << SHIFT
    records[i + OFFSET] = offset
    records[i + LENGTH] = length
    records[i + COOKIE] = cookie
    records[i + OWNER_NEXT] = owner << OWNER_SHIFT
    this.allocated++
    return fragment
  }

  next(fragment: number): number {
    return this.records[(fragment << SHIFT) + OWNER_NEXT] & NEXT_MASK
  }

  offset(fragment: number): number {
    return this.records[(fragment << SHIFT) + OFFSET]
  }

  length(fragment: number): number {
    return this.records[(fragment << SHIFT) + LENGTH]
  }

  owner(fragment: number): number {
    return this.records[(fragment << SHIFT) + OWNER_NEXT] >>> OWNER_SHIFT
  }

  cookie(fragment: number): number {
    return this.records[(fragment << SHIFT) + COOKIE]
  }

  /** Cuts the first `bytes` off a fragment, fewer than it has. */
  advance(fragment: number, bytes: number): void {
    this.records[(fragment << SHIFT) + OFFSET] += bytes
    this.records[(fragment << SHIFT) + LENGTH] -= bytes
  }

  setLength(fragment: number, length: number): void {
    this.records[(fragment << SHIFT) + LENGTH] = length
  }

  /** Puts `successor` (a list, or 0) after `fragment`. */
  link(fragment: number, successor: number): void {
    const i = (fragment << SHIFT) + OWNER_NEXT
    this.records[i] = (this.records[i] & ~NEXT_MASK) | successor
  }

  /** The last record of a list. */
  last(list: number): number {
    let fragment = list
    for (let next = this.next(fragment); next !== 0; next = this.next(fragment)) fragment = next
    return fragment
  }

  /** A list of records of its own over the same memory, with a reference each. 0 when the table is full (and for list 0). */
  duplicate(list: number): number {
    let first = 0
    let previous = 0
    for (let fragment = list; fragment !== 0; fragment = this.next(fragment)) {
      const owner = this.owner(fragment)
      const copy = this.alloc(this.offset(fragment), this.length(fragment), owner, this.cookie(fragment))
      if (copy === 0) {
        this.releaseList(first)
        return 0
      }
      this.owners[owner]?.retain(this.cookie(fragment))
      if (previous === 0) first = copy
      else this.link(previous, copy)
      previous = copy
    }
    return first
  }

  /** A record for part of a fragment's bytes, with a reference of its own. 0 when the table is full. */
  slice(fragment: number, skip: number, length: number): number {
    const owner = this.owner(fragment)
    const cookie = this.cookie(fragment)
    const part = this.alloc(this.offset(fragment) + skip, length, owner, cookie)
    if (part !== 0) this.owners[owner]?.retain(cookie)
    return part
  }

  /** Releases one record and its reference; gives its successor. */
  release(fragment: number): number {
    const i = fragment << SHIFT
    const word = this.records[i + OWNER_NEXT]
    const owner = word >>> OWNER_SHIFT
    if (owner === FREE) return doubleFree(fragment)
    this.records[i + OWNER_NEXT] = this.freeHead
    this.freeHead = fragment
    this.freed++
    this.owners[owner]?.release(this.records[i + COOKIE])
    return word & NEXT_MASK
  }

  releaseList(list: number): void {
    for (let fragment = list; fragment !== 0; ) fragment = this.release(fragment)
  }

  private growRecords(): void {
    const records = new Int32Array(this.records.length * 2)
    records.set(this.records)
    this.records = records
  }
}

const doubleFree = (fragment: number): never => {
  throw new Error(`fragment ${fragment} is free already`)
}
