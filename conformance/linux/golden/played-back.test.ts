import { Replayer, readRecording } from '@netkit/cli/replay'
import { expect, test } from 'vitest'
import { PlayedBack } from './played-back.ts'

/** RTM_NEWNSID with one attribute, the id. */
const nsid = (id: string): string => `1c0000005800000001000000000000000000000008000100${id}000000`
const link = (mac: string): string =>
  `2c000000100000000000000000000000000001000200000000000000000000000a000100${mac}0000`

const recording = readRecording(
  [
    { scenario: 'x', format: 1 },
    { step: 0, op: 'ns-add', ns: 'A', fd: 100, notify: [] },
    {
      step: 1,
      op: 'netlink',
      ns: 'A',
      proto: 'route',
      sock: { portid: 7, ext_ack: 1 },
      req: { hex: '00' },
      result: { errno: 0 },
      replies: [{ hex: nsid('07') }],
      notify: [{ ns: 'A', proto: 'route', hex: link('{6 $mac1}') }],
    },
  ]
    .map((line) => JSON.stringify(line))
    .join('\n'),
)

async function differences(replies: readonly string[], notify: readonly string[]): Promise<unknown[]> {
  const steps = [{ notify: [] }, { replies, notify: notify.map((hex) => ['A', 'route', hex]) }]
  const found: unknown[] = []
  for await (const result of new Replayer(new PlayedBack(steps, new Map()), []).play(recording))
    found.push(...result.differences)
  return found
}

test('what was heard is held against the recording', async () => {
  expect(await differences([nsid('07')], [link('020000000001')])).toEqual([])
})

test('every difference is told', async () => {
  expect(await differences([nsid('08')], [link('020000000001')])).toMatchObject([
    { step: 1, path: 'nsid', want: '7', got: '8' },
  ])
  expect(await differences([nsid('07')], [])).toMatchObject([{ step: 1, note: 'is missing' }])
  expect(await differences([], [link('020000000001')])).toMatchObject([{ where: 'reply 1', note: 'is missing' }])
  const broken = new PlayedBack([{ notify: [], error: 'why' }], new Map())
  await expect(broken.process()).rejects.toThrow('why')
})
