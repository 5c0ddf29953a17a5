import { ATTACH_TYPE, assemble, BPF_COMMANDS, encode, makeStruct, PROG_TYPE } from '@netkit/bpf'
import { type Kernel, openDoors, type Process } from '@netkit/kernel'

export type Hook = keyof typeof ATTACH_TYPE

/** Loads an assembled program and attaches it to a device; returns what takes it away again. */
export async function attach(
  kernel: Kernel,
  process: Process,
  targetIfindex: number,
  hook: Hook,
  source: string,
): Promise<() => Promise<void>> {
  const { bpf } = openDoors(kernel, process)
  if (!bpf) throw new Error('no bpf')
  const code = encode(assemble(source))
  const insns = bpf.memory(code.length)
  insns.bytes.set(code)
  const license = bpf.memory(4)
  license.bytes.set(new TextEncoder().encode('GPL'))
  const { progLoad, progAttach, progDetach } = BPF_COMMANDS
  const loading = {
    progType: PROG_TYPE.schedCls,
    insnCnt: code.length / 8,
    insns: insns.address,
    license: license.address,
  }
  const fd = await bpf.call(progLoad.id, makeStruct(progLoad.attr, loading), { memory: [insns, license] })
  const where = { attachBpfFd: fd, targetIfindex, attachType: ATTACH_TYPE[hook] }
  await bpf.call(progAttach.id, makeStruct(progAttach.attr, where))
  return async () => {
    await bpf.call(progDetach.id, makeStruct(progDetach.attr, where))
    await bpf.closeFile(fd)
  }
}
