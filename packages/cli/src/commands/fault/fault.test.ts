import { expect, test } from 'vitest'
import { LEASED, shell } from '../../testing/shell.ts'

test('faults that are to come', async () => {
  const netkit = shell()
  for (const line of [
    ...LEASED,
    'fault restart eth0 queue 3 at start nth 2 error EIO',
    'fault overrun times 3',
    'fault stall 1.5',
  ])
    expect(await netkit(line), line).toMatchObject({ status: 0, err: '' })
  expect((await netkit('fault')).out).toMatchInlineSnapshot(`
    "FAULT    WHEN
    restart  NIC 1 queue 3, start, 2 times from now, EIO
    overrun  the next 3 notifications
    stall    2 s more
    "
  `)
  expect(JSON.parse((await netkit('-j fault show')).out)[0]).toEqual({
    kind: 'restart',
    nic: 1,
    queue: 3,
    step: 'start',
    nth: 2,
    error: 'EIO',
  })
  await netkit('fault clear')
  expect((await netkit('fault')).out).toBe('')
})

test('a dump that is interrupted is asked for again', async () => {
  const netkit = shell()
  await netkit('fault dump times 2')
  expect(await netkit('link')).toMatchObject({ status: 0, out: expect.stringContaining('lo') })
  expect((await netkit('fault')).out).toBe('')
})

test.each([
  ['fault restart eth0 queue 9 at start', 2, 'its queues are 0 to 0'],
  ['fault restart eth0 queue 0 at end', 1, "at: 'end' is not allocate, stop, start or recover"],
  ['fault restart eth0 queue 0 at stop error EFOO', 1, "error: 'EFOO' is not the name of an errno"],
])('%s is refused', async (line, status, why) => {
  const netkit = shell()
  await netkit('nic add eth0')
  expect(await netkit(line)).toMatchObject({ status, err: expect.stringContaining(why) })
})
