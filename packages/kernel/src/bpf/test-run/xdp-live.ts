import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { receiveFrame } from '../../net/ethernet.ts'
import { XDP_PASS, XDP_TX } from '../../net/xdp-run.ts'
import { PacketBatch } from '../../packet/batch.ts'
import { copyFrame } from '../../packet/copy-frame.ts'
import type { BpfProgram } from '../objects/program.ts'
import type { TestCall } from './exchange.ts'

const BATCH = 64

/**
 * Runs a program over copies of a frame and does what it says: they are received by `dev`, sent back by it, or redirected. There is
 * no verdict to tell. Source: what BPF_F_TEST_XDP_LIVE_FRAMES does on Linux.
 */
export function runLive(call: TestCall, program: BpfProgram, dev: Device, frame: number, queue: number): number {
  const { attr, kernel } = call
  const { path } = kernel
  const size = attr.batchSize || BATCH
  const times = attr.repeat || 1
  const passed = new PacketBatch(size)
  const begun = kernel.world.now()
  for (let n = 1; n <= times; n++) {
    const handle = copyFrame(path.packets, frame)
    if (handle < 0) return -errno.ENOMEM
    const action = path.xdp.run(dev, program, handle, queue)
    if (action === XDP_TX) {
      // There is no driver that could send it back; it goes to the device.
      path.xdp.redirect(dev.ifindex, 0)
      path.xdp.follow(dev, handle)
    } else if (action === XDP_PASS) {
      receiveFrame(path.packets, handle, dev)
      passed.push(handle)
    }
    if (n % size !== 0 && n < times) continue
    path.xdp.flush()
    if (passed.count > 0) path.receive(dev, passed)
  }
  call.write({ retval: 0, duration: Number((kernel.world.now() - begun) / BigInt(times)) })
  return 0
}
