import type { Namespace } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'

/**
 * Runs `act` in a new namespace that nobody else finds: its name is taken away before anything happens in it, so that it
 * goes with this connection at the latest, however that ends. KernelError EPERM without CAP_SYS_ADMIN.
 */
export async function inThrowawayNamespace<T>(places: Places, act: (namespace: Namespace) => Promise<T>): Promise<T> {
  const name = `netkit-probe-${Math.random().toString(36).slice(2)}`
  const { namespaces } = places.context.doors
  await namespaces.create(name)
  let namespace: Namespace
  try {
    namespace = await places.open(name)
  } finally {
    await namespaces.remove(name)
  }
  try {
    return await act(namespace)
  } finally {
    await namespace.close()
  }
}
