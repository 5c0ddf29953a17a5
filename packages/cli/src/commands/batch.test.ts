import { describe, expect, test } from 'vitest'
import { shell } from '../testing/shell.ts'

describe('batch', () => {
  const lines = [
    '# a comment',
    'link add nk0 type netkit peer name nk1',
    '',
    'link add nk0 type netkit',
    'link add nk5 alias "a b" \\',
    '  type netkit',
    '-j link show nk5',
  ]
  const batch = async (options: string) => {
    const netkit = shell()
    netkit.files.set('lines', new TextEncoder().encode(lines.join('\n')))
    const result = await netkit(`${options}-batch lines`)
    return { ...result, links: JSON.parse((await netkit('-j link')).out).length }
  }

  test('ends at the first failure', async () => {
    expect(await batch('')).toEqual({
      status: 2,
      out: '',
      links: 3,
      err: 'Error: device add nk0: EEXIST: it exists already\nCommand failed lines:4\n',
    })
  })

  test('goes on with -force', async () => {
    const { status, out, links, err } = await batch('-force ')
    expect({ status, links }).toEqual({ status: 2, links: 5 })
    expect(err).toContain('Command failed lines:4\n')
    expect(JSON.parse(out)).toMatchObject([{ ifname: 'nk5', ifalias: 'a b' }])
  })
})
