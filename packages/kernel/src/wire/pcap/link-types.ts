/** What a capture's frames begin with. Source: the registry of link types of the tcpdump group, as far as captures of machines
 *  with network devices have them. */
export const LINKTYPE_ETHERNET = 1

const NAMES: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'ETHERNET',
  9: 'PPP',
  101: 'RAW',
  105: 'IEEE802_11',
  108: 'LOOP',
  113: 'LINUX_SLL',
  127: 'IEEE802_11_RADIOTAP',
  147: 'USER0',
  189: 'USB_LINUX',
  228: 'IPV4',
  229: 'IPV6',
  239: 'NFLOG',
  253: 'NETLINK',
  276: 'LINUX_SLL2',
}

/** "1 (ETHERNET)", or the number alone where the name is not known here. */
export const linkTypeName = (type: number): string => (NAMES[type] ? `${type} (${NAMES[type]})` : `${type}`)
