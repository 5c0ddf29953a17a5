import type { ProgramSocket } from '../../net/program-sockets.ts'
import { PKT_NETWORK, PKT_PROTOCOL, PKT_SHIFT } from '../../packet/fields.ts'
import type { TestCall } from './exchange.ts'

const IPV4 = 0x0800
const IPV6 = 0x86dd
const AF_INET = 2
const AF_INET6 = 10
const MAPPED = 0xffff

/** The socket that a packet of a test run seems to come from: one without a protocol, with the packet's addresses. Source: Linux 6.18. */
export function testSocket({ kernel, netns, objects }: TestCall, handle: number, number: number): ProgramSocket {
  const { packets } = kernel.path
  const i = handle << PKT_SHIFT
  const protocol = packets.fields[i + PKT_PROTOCOL]
  const [local, remote] = [new Int32Array(4), new Int32Array(4)]
  const at = packets.fields[i + PKT_NETWORK]
  const { view } = objects.memory
  if (protocol === IPV4) {
    local.set([0, 0, MAPPED, view.getInt32(at + 12)])
    remote.set([0, 0, MAPPED, view.getInt32(at + 16)])
  } else if (protocol === IPV6) {
    for (let n = 0; n < 4; n++) {
      local[n] = view.getInt32(at + 8 + 4 * n)
      remote[n] = view.getInt32(at + 24 + 4 * n)
    }
  }
  return {
    ns: netns,
    v6: protocol === IPV6,
    family: protocol === IPV4 ? AF_INET : protocol === IPV6 ? AF_INET6 : 0,
    uid: 0,
    number,
    local,
    remote,
    port: 0,
    remotePort: 0,
    device: 0,
    mark: 0,
    priority: 0,
  }
}
