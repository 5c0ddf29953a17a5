import { describe, expect, test } from 'vitest'
import { shell } from '../../testing/shell.ts'

describe('namespaces', () => {
  test('add, list, ids, identify, exec, del', async () => {
    const netkit = shell()
    for (const line of ['netns add b', 'netns add a', 'netns set a 5', 'netns set b auto'])
      expect((await netkit(line)).status).toBe(0)
    expect((await netkit('netns')).out).toBe('a (id: 5)\nb (id: 0)\n')
    expect((await netkit('-j netns list')).out).toBe('[{"name":"a","id":5},{"name":"b","id":0}]\n')
    expect((await netkit('netns list-id')).out).toBe(
      'nsid 0 (iproute2 netns name: b)\nnsid 5 (iproute2 netns name: a)\n',
    )
    expect((await netkit('netns exec a netns identify')).out).toBe('a\n')
    expect((await netkit('netns exec a ip -br link')).out).toBe(
      'lo               DOWN           00:00:00:00:00:00 <LOOPBACK>\n',
    )
    expect((await netkit('netns exec nosuch link')).status).toBe(2)
    expect((await netkit('netns exec a link foo')).status).toBe(1)
    expect((await netkit('netns del a b')).status).toBe(0)
    expect((await netkit('netns')).out).toBe('')
  })
})
