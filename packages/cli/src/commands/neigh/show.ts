import { deviceName, words } from '../../grammar/values.ts'
import { neighbourEntry } from '../../print/ip/neighbour.ts'
import { familyOf, familyWords } from '../addr/words.ts'
import { command } from '../command.ts'
import { deviceNames } from '../names.ts'
import { STATES } from './words.ts'

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show what is known of neighbours',
  words: {
    dev: { value: deviceName(), doc: 'only those behind this device' },
    nud: {
      value: words(['all', ...STATES], 'STATE'),
      aliases: ['state'],
      doc: "only those in this state; default: all but those that need no ARP, 'all' for these, too",
    },
    proxy: { doc: 'the addresses that this host answers for instead' },
    ...familyWords,
  },
  notes: ['Options: -s when it was used, confirmed and updated (seconds ago), -j JSON with the keys of iproute2.'],
  examples: [['-j neigh show dev nk0', 'as JSON']],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const { dev, nud, proxy } = args
    const found = await kernel.neighbours.list({ ...where, device: dev, family: familyOf(args), proxy })
    const shown = found.filter(({ states }) => {
      if (proxy || nud === 'all') return true
      return nud === undefined ? states.some((state) => state !== 'noarp') : states.includes(nud)
    })
    const view = {
      style: session.style,
      stats: session.options.statistics > 0,
      device: await deviceNames(kernel, where),
    }
    await session.entries(shown.map((one) => neighbourEntry(one, view)))
  },
})
