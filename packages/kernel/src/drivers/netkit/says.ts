/** The texts of netkit's refusals. Source: spec 01 §3.4, §3.7, §4.4. */
export const SAYS = {
  badMode: 'Provided device mode can only be L2 or L3',
  badPolicy: 'Provided default xmit policy not supported',
  primaryOnly: 'netkit link settings can be changed only through the primary device',
  fixed: (what: string) => `netkit ${what} cannot be changed after device creation`,
  leasePeerOnly: 'netkit can only lease against the peer device',
  queueLimit: 'netkit maximum queue limit reached',
} as const
