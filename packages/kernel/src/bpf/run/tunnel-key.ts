/** Bytes of `struct bpf_tunnel_key`, and those of its older forms that programs may still pass. */
export const TUNNEL_KEY_BYTES = 44
export const OLDER_FORMS: ReadonlySet<number> = new Set([28, 24, 22, 8])
/** Most bytes of options. */
export const MOST_OPTIONS = 255

/**
 * The tunnel key that programs set, for packets that go to a tunnel which takes its target from them. There is one for all packets, as
 * Linux has one per processor: who sets it anew sets it for those that wait, too. PKT_DST says that a packet has it.
 */
export class TunnelKey {
  id = 0
  tos = 0
  ttl = 0
  isIpv6 = false
  label = 0
  /** Flags of ip_tunnel_key, in network order as programs see them. */
  flags = 0
  /** 16 bytes each; of IPv4, 4. Host order there, network order here. */
  readonly source = new Uint8Array(16)
  readonly destination = new Uint8Array(16)
  readonly options = new Uint8Array(MOST_OPTIONS + 1)
  optionBytes = 0
}
