interface ErrorText {
  readonly text: string
  /** By code. */
  readonly codes?: readonly string[]
}

/** ICMP errors in the words of ping(8), which scripts look for. By type. */
const ICMP4: Readonly<Record<number, ErrorText>> = {
  3: {
    text: 'Destination Unreachable',
    codes: [
      'Destination Net Unreachable',
      'Destination Host Unreachable',
      'Destination Protocol Unreachable',
      'Destination Port Unreachable',
      'Frag needed and DF set',
      'Source Route Failed',
      'Destination Net Unknown',
      'Destination Host Unknown',
      'Source Host Isolated',
      'Destination Net Prohibited',
      'Destination Host Prohibited',
      'Destination Net Unreachable for Type of Service',
      'Destination Host Unreachable for Type of Service',
      'Packet filtered',
      'Precedence Violation',
      'Precedence Cutoff',
    ],
  },
  11: { text: 'Time exceeded', codes: ['Time to live exceeded', 'Frag reassembly time exceeded'] },
  12: { text: 'Parameter problem' },
}

const ICMP6: Readonly<Record<number, ErrorText>> = {
  1: {
    text: 'Destination unreachable',
    codes: [
      'Destination unreachable: No route',
      'Destination unreachable: Administratively prohibited',
      'Destination unreachable: Beyond scope of source address',
      'Destination unreachable: Address unreachable',
      'Destination unreachable: Port unreachable',
    ],
  },
  2: { text: 'Packet too big' },
  3: { text: 'Time exceeded', codes: ['Time exceeded: Hop limit', 'Time exceeded: Defragmentation failure'] },
  4: { text: 'Parameter problem' },
}

/** What an ICMP error means. `info`: the MTU, where it has one. */
export function icmpText(v6: boolean, type: number, code: number, info: number): string {
  const known = (v6 ? ICMP6 : ICMP4)[type]
  const text = known?.codes?.[code] ?? known?.text ?? `ICMP type ${type}, code ${code}`
  const tooBig = v6 ? type === 2 : type === 3 && code === 4
  return tooBig ? `${text} (mtu = ${info})` : text
}
