import { ETHTOOL, type FamilyById, type KernelProvider, NETDEV, NLCTRL } from '@netkit/netlink'
import { connect, genericAttrs } from 'netkit'

/** What a kernel calls the families of generic netlink. */
export async function familyIds(provider: KernelProvider): Promise<FamilyById> {
  await using kernel = await connect(provider)
  const { getfamily } = NLCTRL.commands
  const replies = await kernel.withScope(undefined, (scope) => scope.dump(NLCTRL, getfamily, {}, { op: 'families' }))
  const names = new Map(
    replies.map((reply) => {
      const { familyId, familyName } = genericAttrs(getfamily.attrs, reply)
      return [familyId, familyName]
    }),
  )
  return (id) => [NLCTRL, NETDEV, ETHTOOL].find(({ name }) => name === names.get(id))
}
