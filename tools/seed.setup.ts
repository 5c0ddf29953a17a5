import fc from 'fast-check'

// NETKIT_SEED makes every random test do the same again, also those that leave their seed to fast-check.
const seed = Number(process.env.NETKIT_SEED)
if (process.env.NETKIT_SEED !== undefined && Number.isInteger(seed)) fc.configureGlobal({ seed })
