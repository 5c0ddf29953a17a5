import { expect, test } from 'vitest'
import { shell } from '../../testing/shell.ts'

test('completion of names, from the kernel', async () => {
  const netkit = shell()
  for (const line of [
    'netns add pod',
    'link add nk0 type netkit peer name nk1',
    'link property add nk0 altname other',
    '-n pod link add inside type dummy',
    'nic add eth0',
  ])
    await netkit(line)
  const words = async (line: string) =>
    (await netkit(`__complete ${line}`)).out.split('\n').map((l) => l.split('\t')[0])
  expect(await words('link set n')).toEqual(expect.arrayContaining(['nk0', 'nk1']))
  expect(await words('link set o')).toContain('other')
  expect(await words('-n pod link show i')).toEqual(['inside', ''])
  expect(await words('link set nk0 netns p')).toEqual(['pod', ''])
  expect(await words('nic play e')).toEqual(['eth0', ''])
  expect(await words("replay ''")).toContain(':file')
  expect((await netkit('__complete link ad')).out).toBe('add\tmake a device, or a pair of them\n')
})
