/**
 * The application, which knows nothing of kernels but what it is handed: it reads a stream of TCP in an area of its own memory.
 * `queue`: { device, queue, in } of what is leased to it, or nothing. `connected`: resolves to what has the descriptor of a
 * connection, which comes last: packets that are there before the area is are copied into it.
 */
export async function receive(kernel, queue, connected) {
  const zc = await kernel.zcrx.open(queue)
  const socket = await connected()
  let bytes = 0
  let views = 0
  for await (const view of zc.read(socket)) {
    // A view of the area: the NIC wrote these bytes here, and nobody has touched them since.
    bytes += view.length
    views++
  }
  const copied = zc.stats?.copiedBytes
  await zc.close()
  return { bytes, views, copied }
}

export const tell = ({ bytes, views, copied = 'nobody knows how many' }) =>
  process.stdout.write(`${bytes} bytes in ${views} views, ${copied} of them copied\n`)
