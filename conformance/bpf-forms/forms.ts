/** A program of this folder, and what it returns over `FORM_FRAME`: what Linux says. */
export interface Form {
  readonly name: string
  readonly returns: number
  /** Release that brought what it uses; absent: the releases that this is run on have it. */
  readonly since?: string
}

/** TCP in IPv4, from 10.0.0.1:4660 to 10.0.0.2:80, with eight bytes of payload. */
export const FORM_FRAME = Uint8Array.from(
  (
    '000000000001000000000002' +
    '0800' +
    '45000030000040004006000a0a0000010a000002' +
    '123400500000000100000000' +
    '5002faf000000000' +
    '6162636465666768'
  ).match(/../g) ?? [],
  (digits) => Number.parseInt(digits, 16),
)

export const FORMS: readonly Form[] = [
  { name: 'atomics', returns: 2094 },
  { name: 'functions', returns: 1651 },
  { name: 'locks_and_timers', returns: 21 },
  { name: 'loops_in_loops', returns: 18916020 },
  { name: 'maps_of_maps', returns: 42 },
  { name: 'packet_loads', returns: 1701212032 },
  { name: 'records', returns: 120 },
  { name: 'sections', returns: 114180 },
  { name: 'settings', returns: 31 },
  { name: 'socket_storage', returns: 4202 },
  { name: 'sockets', returns: 95060 },
  { name: 'syn_cookies', returns: 66610 },
  { name: 'tail_calls', returns: 11033 },
  { name: 'weak_functions', returns: 4 },
]
