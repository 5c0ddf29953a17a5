import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Shell, shell } from '../../testing/shell.ts'

const WEB = `version: 1
set: web
namespaces:
  pod: {}
nics:
  eth0: { queues: 4, up: true, address: 02:00:00:00:00:01 }
pairs:
  nk0:
    mode: l2
    mtu: 1400
    address: 02:00:00:00:00:02
    up: true
    peer: { name: eth0, netns: pod, up: true, address: 02:00:00:00:00:03 }
singles:
  nk1:
    netns: pod
    leases:
      - { nic: eth0, queue: 3 }
`

function withFile(text: string, netkit: Shell = shell()): Shell {
  netkit.files.set('web.yaml', new TextEncoder().encode(text))
  return netkit
}

/** A shell in which the file was applied. */
async function applied(text = WEB): Promise<Shell> {
  const netkit = withFile(text)
  expect(await netkit('apply -f web.yaml')).toMatchObject({ status: 0, err: '' })
  return netkit
}

const EXAMPLES = new URL('../../../../../examples/state/', import.meta.url)

describe('the examples', () => {
  test.each(readdirSync(EXAMPLES))('%s is brought about', async (name) => {
    const netkit = await applied(readFileSync(new URL(name, EXAMPLES), 'utf8'))
    expect((await netkit('diff -f web.yaml')).status).toBe(0)
  })
})

describe('a file of declared state', () => {
  test('is applied step by step, and then there is nothing to do', async () => {
    const netkit = withFile(WEB)
    expect((await netkit('plan -f web.yaml')).out).toMatchInlineSnapshot(`
      "1  make namespace pod
      2  plug in NIC eth0 queues 4
      3  make pair nk0 mode l2 mtu 1400 address 02:00:00:00:00:02 with peer eth0 in pod address 02:00:00:00:00:03
      4  make single device nk1 in pod pairing single num-rx-queues 2
      5  set eth0 address 02:00:00:00:00:01 link up
      6  set nk0 group 0 link up
      7  set eth0 in pod group 0 link up
      8  set nk1 in pod group 0
      9  lease queue 3 of eth0 to nk1 in pod
      "
    `)
    expect((await netkit('diff -f web.yaml')).status).toBe(3)
    expect((await netkit('netns list')).out).toBe('')
    expect((await netkit('apply -f web.yaml')).out).toMatch(/^make namespace pod\n[\s\S]*\n9 steps done\n$/)
    expect(await netkit('apply -f web.yaml')).toEqual({ status: 0, out: 'nothing to do\n', err: '' })
    expect(await netkit('diff -f web.yaml')).toEqual({ status: 0, out: '0 differences\n', err: '' })
    expect((await netkit('lease show')).out).toContain('nk1')
  })

  test('shows what differs, and what takes another device only when that is allowed', async () => {
    const netkit = await applied()
    withFile(WEB.replace('mtu: 1400', 'mtu: 9000').replace('queue: 3', 'queue: 2'), netkit)
    expect(await netkit('diff -f web.yaml')).toMatchInlineSnapshot(`
      {
        "err": "",
        "out": "~ pairs.nk0
      -   mtu: 1400
      +   mtu: 9000
      -/+ singles.nk1 is made anew: leases end only with the device: eth0 queue 3 cannot become eth0 queue 2
      -   leases: [eth0 queue 3]
      +   leases: [eth0 queue 2]
      ",
        "status": 3,
      }
    `)
    expect(await netkit('apply -f web.yaml')).toMatchInlineSnapshot(`
      {
        "err": "web.yaml:15:3: singles.nk1 would have to be removed and made anew: leases end only with the device: eth0 queue 3 cannot become eth0 queue 2
      Hint: --allow-recreate allows it.
      ",
        "out": "",
        "status": 1,
      }
    `)
    expect((await netkit('link show nk0')).out).toContain('mtu 1400')
    expect(await netkit('apply -f web.yaml --allow-recreate')).toMatchObject({ status: 0, err: '' })
    expect((await netkit('link show nk0')).out).toContain('mtu 9000')
  })

  test('loses entries only when that is asked for', async () => {
    const netkit = await applied()
    withFile('version: 1\nset: web\n', netkit)
    expect(await netkit('apply -f web.yaml')).toMatchInlineSnapshot(`
      {
        "err": "Warning: nics.eth0 is not declared any more, and stays; --prune removes it
      Warning: pairs.nk0 is not declared any more, and stays; --prune removes it
      Warning: singles.nk1 is not declared any more, and stays; --prune removes it
      Warning: namespaces.pod is not declared any more, and stays; --prune removes it
      ",
        "out": "nothing to do
      ",
        "status": 0,
      }
    `)
    expect((await netkit('apply -f web.yaml --prune')).out).toMatchInlineSnapshot(`
      "remove nk0
      remove nk1 in pod
      unplug NIC eth0
      remove namespace pod
      4 steps done
      "
    `)
    expect((await netkit('netns list')).out).toBe('')
  })

  test('is told of by line and column', async () => {
    const netkit = withFile('version: 1\npairs:\n  nk0:\n    mtu: big\n    mod: l2\n  nk1: [\n')
    expect(await netkit('apply -f web.yaml')).toMatchInlineSnapshot(`
      {
        "err": "web.yaml:7:1: is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ]
      ",
        "out": "",
        "status": 1,
      }
    `)
    withFile('version: 1\npairs:\n  nk0:\n    mtu: big\n    mod: l2\n', netkit)
    expect(await netkit('plan -f web.yaml')).toMatchInlineSnapshot(`
      {
        "err": "web.yaml:4:10: pairs.nk0.mtu must be an integer from 0 to 2147483647, not 'big'
      web.yaml:5:10: pairs.nk0.mod is not known here; known are name, netns, mode, policy, scrub, headroom, tailroom, up, mtu, address, alias, txqlen, group, gso-max-size, gso-max-segs, gro-max-size, gso-ipv4-max-size, gro-ipv4-max-size, altnames, addresses, neighbours, numrxqueues, numtxqueues, peer
      ",
        "out": "",
        "status": 1,
      }
    `)
    withFile('version: 1\nsingles:\n  nk1:\n    leases:\n      - { nic: eth7, queue: 0 }\n', netkit)
    expect(await netkit('diff -f web.yaml')).toMatchInlineSnapshot(`
      {
        "err": "web.yaml:5:16: singles.nk1.leases[0].nic cannot be found: there is no NIC eth7
      ",
        "out": "+ singles.nk1
      +   name: nk1
      +   leases: [eth7 queue 0]
      ",
        "status": 1,
      }
    `)
  })

  test('does not touch what is of nobody, unless it is adopted', async () => {
    const netkit = shell()
    await netkit('link add nk0 type netkit mode l2 peer name nk9')
    withFile('version: 1\npairs:\n  nk0: { mtu: 1300 }\n', netkit)
    expect(await netkit('apply -f web.yaml')).toMatchInlineSnapshot(`
      {
        "err": "web.yaml:3:3: pairs.nk0 cannot be called nk0: a device of kind netkit is, which is not of this set; --adopt takes it over if it is what is declared
      ",
        "out": "",
        "status": 1,
      }
    `)
    expect((await netkit('apply -f web.yaml --adopt')).out).toMatchInlineSnapshot(`
      "mark nk0 as netkit.default.nk0
      mark nk9 as netkit-peer.default.nk0
      set nk0 mtu 1300
      3 steps done
      "
    `)
  })

  test('is exported, and gives the same elsewhere', async () => {
    const netkit = await applied()
    const exported = await netkit('export')
    expect(exported.out).toMatchInlineSnapshot(`
      "version: 1
      set: web
      namespaces:
        pod:
          lo:
            up: false
      nics:
        eth0:
          name: eth0
          queues: 4
          up: true
          mtu: 1500
          address: 02:00:00:00:00:01
          txqlen: 1000
          group: 0
          rings:
            rx: 512
            tx: 512
            tcp-data-split: enabled
            hds-thresh: 0
      pairs:
        nk0:
          name: nk0
          mode: l2
          numrxqueues: 1
          policy: forward
          up: true
          mtu: 1400
          address: 02:00:00:00:00:02
          txqlen: 1000
          group: 0
          peer:
            name: eth0
            netns: pod
            numrxqueues: 1
            policy: forward
            up: true
            mtu: 1500
            address: 02:00:00:00:00:03
            txqlen: 1000
            group: 0
      singles:
        nk1:
          name: nk1
          netns: pod
          mode: l3
          numrxqueues: 2
          up: false
          mtu: 1500
          txqlen: 1000
          group: 0
          leases:
            - nic: eth0
              queue: 3
      "
    `)
    const other = await applied(exported.out)
    expect(await other('export')).toEqual(exported)
    expect(JSON.parse((await netkit('-j export')).out)).toMatchObject({ version: 1, set: 'web' })
  })

  test('names recordings relative to itself', async () => {
    const netkit = shell()
    const recording = readFileSync(new URL('../../../../../examples/captures/ping.pcap', import.meta.url))
    netkit.files.set('lab/ping.pcap', recording)
    const text = 'version: 1\nnics:\n  eth0: { up: true, wire: { play: ping.pcap } }\n'
    netkit.files.set('lab/web.yaml', new TextEncoder().encode(text))
    expect(await netkit('apply -f lab/web.yaml')).toMatchObject({ status: 0, err: '' })
    expect((await netkit('nic play eth0')).out).toMatch(/^\d+ frames, /)
  })

  test('as JSON', async () => {
    const netkit = withFile('{"version": 1, "singles": {"nk1": {"mode": "l2"}}}')
    expect(JSON.parse((await netkit('-j plan -f web.yaml')).out)).toMatchObject({
      steps: [{ of: 'singles.nk1', do: 'single add' }, { do: 'set' }],
      differences: [{ entry: 'singles.nk1', action: 'add' }],
    })
    expect(JSON.parse((await netkit('-j apply -f web.yaml')).out).steps).toHaveLength(2)
  })

  test('cannot be meant for another namespace', async () => {
    expect((await withFile(WEB)('-n pod apply -f web.yaml')).err).toContain('option -n has no meaning here')
  })

  test('whose step fails says how far it got', async () => {
    const netkit = withFile('version: 1\nsingles:\n  a: {}\n  b: { gso-max-size: 4294967295 }\n')
    expect(await netkit('apply -f web.yaml')).toMatchInlineSnapshot(`
      {
        "err": "Error: singles.b: cannot make single device b pairing single gso-max-size 4294967295: device add b: EINVAL: too big gso_max_size
      1 step done before that; not done:
        make single device b pairing single gso-max-size 4294967295
        set a group 0
        set b group 0
      Hint: netkit apply goes on from here when it is run again.
      ",
        "out": "make single device a pairing single
      ",
        "status": 2,
      }
    `)
  })
})

test('a dry run of apply shows its plan, and sends nothing', async () => {
  const netkit = withFile(WEB)
  const { out } = await netkit('plan -f web.yaml')
  expect(await netkit('-dry-run apply -f web.yaml')).toEqual({ status: 0, out, err: '' })
  expect(await netkit('-dry-run plan -f web.yaml')).toEqual({ status: 0, out, err: '' })
  expect((await netkit('netns list')).out).toBe('')
})

describe('impairments of NICs', () => {
  const file = (impair: string) => `version: 1\nnics:\n  eth0:\n    impair: ${impair}\n`

  test('are brought about, shown, exported, and taken back', async () => {
    const netkit = withFile(file('{ rx: { loss: 1% 25%, seed: 7 }, tx: { delay: 10ms 2ms, limit: 200 } }'))
    expect((await netkit('plan -f web.yaml')).out).toMatchInlineSnapshot(`
      "1  plug in NIC eth0
      2  impair eth0 rx loss 1% 25% seed 7
      3  impair eth0 tx delay 10ms 2ms limit 200
      "
    `)
    expect(await netkit('apply -f web.yaml')).toMatchObject({ status: 0, err: '' })
    expect((await netkit('nic impair eth0 rx')).out).toContain('loss 1% 25% seed 7')
    expect((await netkit('apply -f web.yaml')).out).toContain('nothing to do')
    const exported = (await netkit('export')).out
    expect(exported).toContain('loss: 1% 25%')
    expect(await withFile(exported)('apply -f web.yaml')).toMatchObject({ status: 0, err: '' })
    withFile(file('{ rx: { loss: 2%, seed: 7 }, tx: {} }'), netkit)
    expect((await netkit('diff -f web.yaml')).out).toMatchInlineSnapshot(`
      "~ nics.eth0
      -   impair.rx: loss 1% 25% seed 7
      +   impair.rx: loss 2% seed 7
      -   impair.tx: delay 10ms 2ms limit 200
      +   impair.tx: none
      "
    `)
    expect(await netkit('apply -f web.yaml')).toMatchObject({ status: 0, err: '' })
    expect((await netkit('nic show')).out).toContain('rx loss 2% seed 7\n')
  })

  test.each([
    ['{ rx: { loss: 1 } }', 'loss'],
    ['{ rx: { loss: 101% } }', "must be a share such as 1% or 0.5%, not '101%'"],
    ['{ tx: { reorder: 25% } }', 'must be absent without delay'],
    ['{ tx: { jitter: 25ms } }', 'jitter'],
    ['{ tx: { limit: 0 } }', 'limit'],
  ])('%s is refused', async (impair, why) => {
    const { status, err } = await withFile(file(impair))('apply -f web.yaml')
    expect(status).not.toBe(0)
    expect(err).toContain(why)
  })
})
