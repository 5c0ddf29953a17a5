import { describe, expect, test } from 'vitest'
import { after, LEASED, shell } from '../../testing/shell.ts'

describe('leases', () => {
  test('both ends', async () => {
    expect(await after(...LEASED, 'lease')).toMatchInlineSnapshot(`
      "NETNS  LESSEE  QUEUE      LESSOR  QUEUE  CONSUMER  IN USE  PACKETS  DROPS  STARVED
      pod    nk0     rx 1   <-  eth0    rx 3   -              0        0      0        0
      "
    `)
    expect(await after(...LEASED, '-j lease show nk0')).toMatchInlineSnapshot(`
      "[{"lessee":{"ifname":"nk0","ifindex":2,"queue":1,"netns":"pod","netnsid":0},"lessor":{"ifname":"eth0","ifindex":2,"queue":3},"in_use":0,"packets":0,"bytes":0,"drops":0,"alloc_fail":0,"drop_overruns":0}]
      "
    `)
  })

  test('seen from the queues', async () => {
    expect(await after(...LEASED, 'queue show eth0 type rx')).toMatchInlineSnapshot(`
      "DEV   TYPE  ID  NAPI  LEASED TO
      eth0  rx     0  8193
      eth0  rx     1  8194
      eth0  rx     2  8195
      eth0  rx     3  8196  nk0 rx 1 in pod
      "
    `)
    expect(await after(...LEASED, '-j queue show eth0 id 3 type rx')).toMatchInlineSnapshot(`
      "[{"ifname":"eth0","ifindex":2,"type":"rx","id":3,"napi_id":8196,"lease":{"ifindex":2,"queue":{"id":1,"type":"rx"},"netns_id":0}}]
      "
    `)
    expect(await after(...LEASED, '-n pod queue')).toMatchInlineSnapshot(`
      "DEV  TYPE  ID
      nk0  rx     0
      nk0  rx     1
      nk0  tx     0
      "
    `)
  })

  test('from the namespace of the lessee', async () => {
    const netkit = shell()
    for (const line of LEASED.slice(0, -1)) await netkit(line)
    await netkit('netns add nics')
    await netkit('link set eth0 netns nics up')
    expect(await netkit('-n pod lease add nk0 from eth0 from-netns nics queue 0')).toEqual({
      status: 0,
      out: 'nk0 rx 1\n',
      err: '',
    })
    expect((await netkit('lease show')).out).toContain('nics')
  })

  test('what the kernel refuses', async () => {
    const netkit = shell()
    for (const line of LEASED) await netkit(line)
    expect(await netkit('lease add dev nk0 netns pod from eth0 queue 3')).toMatchInlineSnapshot(`
      {
        "err": "Error: lease add nk0 from eth0: EBUSY: Device queue in use due to queue leasing
      ",
        "out": "",
        "status": 2,
      }
    `)
    expect(await netkit('lease add dev nk0 netns pod from eth0 queue 9')).toMatchInlineSnapshot(`
      {
        "err": "Error: lease add nk0 from eth0: ERANGE: a value is out of range (lease.queue.id, byte 52)
      ",
        "out": "",
        "status": 2,
      }
    `)
    expect(await netkit('channels set dev eth0 combined 2')).toMatchInlineSnapshot(`
      {
        "err": "Error: channels set eth0: EINVAL: Device queue in use due to queue leasing
      ",
        "out": "",
        "status": 2,
      }
    `)
  })
})
