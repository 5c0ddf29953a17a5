// The application of zcrx-application.mjs on the machine's Linux, as root: the first connection to a port is received without copies
// from a queue that was leased to a device (the host has split headers and steered the flow there), or without a device, copied:
// node examples/zero-copy/zcrx-on-linux.mjs PORT [DEVICE QUEUE]     (after npm run build)
import { once } from 'node:events'
import { createServer } from 'node:net'
import { linux } from '@netkit/linux'
import { connect } from 'netkit'
import { receive, tell } from './zcrx-application.mjs'

const [port, device, queue] = process.argv.slice(2)
const kernel = await connect(linux())
// Node must not read what io_uring is to receive.
const server = createServer({ pauseOnConnect: true })
const connected = async () => {
  server.listen(Number(port))
  const [socket] = await once(server, 'connection')
  return { fd: socket._handle.fd }
}
tell(await receive(kernel, device ? { device, queue: Number(queue) } : {}, connected))
server.close()
await kernel.close()
process.exit(0)
