import type { KernelEvent } from 'netkit'

/**
 * An event in words: `newlink nk0 created`, `newlink nk0 changed 0x1`, `dellink nk0 to #0`, `newnsid 0`, `dev-add 2`,
 * `ethtool channels`.
 */
export function eventText(event: KernelEvent): string {
  switch (event.type) {
    case 'newlink':
      return `newlink ${event.device.name}${event.created ? ' created' : event.change ? ` changed 0x${event.change.toString(16)}` : ''}`
    case 'dellink':
      return `dellink ${event.device.name}${event.movedTo ? ` to #${event.movedTo.netnsid}` : ''}`
    case 'newnsid':
    case 'delnsid':
      return `${event.type} ${event.nsid}`
    case 'dev-add':
    case 'dev-del':
    case 'dev-change':
      return `${event.type} ${event.features.ifindex}`
    case 'ethtool':
      return `ethtool ${event.what}`
    default:
      return event.type
  }
}
