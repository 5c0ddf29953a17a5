import { join } from 'node:path'
import { embedded } from '@netkit/kernel'
import { linux } from '@netkit/linux'
import { connect, type Kernel } from 'netkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FORM_FRAME, FORMS } from './bpf-forms/forms.ts'
import { build, whyNotBuilt } from './programs/build.ts'

const isRoot = process.platform === 'linux' && process.getuid?.() === 0
const KERNELS = [
  { name: 'embedded', open: embedded, skip: false },
  { name: `linux${isRoot ? '' : ' (skipped: not root)'}`, open: linux, skip: !isRoot },
]
const FOLDER = join(import.meta.dirname, 'bpf-forms')
const why = whyNotBuilt()

describe.each(KERNELS.filter(({ skip }) => !skip))('programs of all forms on $name', ({ name: kind, open }) => {
  let kernel: Kernel
  beforeAll(async () => {
    kernel = await connect(open())
  })
  afterAll(() => kernel.close())

  test.for(FORMS)('$name', async ({ name, returns, since }, { skip }) => {
    if (why) skip(why)
    // What newer kernels have, the machine's own may not.
    if (kind !== 'embedded' && since) skip(`since Linux ${since}`)
    await using object = await kernel.bpf.open(build(name, FOLDER), `${name}.o`).load({ programs: ['program'] })
    const { retval } = await object.program().testRun({ data: FORM_FRAME })
    expect(retval | 0).toBe(returns)
  })
})
