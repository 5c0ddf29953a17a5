"""Plays scenarios on the running kernel and writes down what it answered.

usage: python3 recorder SCENARIOS.json RECORDED.jsonl [--lone] [--group N]

Runs as root on the kernel that is asked; needs nothing but Python. Scenarios share nothing and are played side by side: a
step of each, then a pause in which the kernel catches up with carrier changes, then the next step of each. With --lone one
scenario is played after the other, which takes longer and leaves the kernel nothing else to do. The formats are described
in ../README.md.
"""
import gc, itertools, json, os, resource, sys, time, wire
from player import LOWEST, Machine, Player

CLONE_NEWPID = 0x20000000
QUIET = 1.15  # the kernel may put off a carrier change for a second
IDLE = 0.6  # of that the processor had nothing to do, or there is more to come
PATIENCE = 100  # pauses


class Worker:
    """A process that plays scenarios which want different process ids."""

    def __init__(self, scenarios, families, own_pids, out):
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        os.setns(own_pids, CLONE_NEWPID)
        os.unshare(CLONE_NEWPID)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                ends = [wire.raised(os.dup(fd), LOWEST) for fd in (commands, answers, out)]
                os.closerange(0, LOWEST)
                work(scenarios, families, *ends)
            finally:
                os._exit(0)
        os.close(commands)
        os.close(answers)

    def say(self, command):
        os.write(self.commands, command)

    def answer(self):
        found = os.read(self.answers, 1)
        if not found:
            raise RuntimeError('a worker died')
        return found == b'+'

    def end(self):
        self.tell(b'q')
        os.close(self.commands)  # which ends it
        os.close(self.answers)
        os.waitpid(self.pid, 0)

    def tell(self, command):
        self.say(command)
        return self.answer()


def work(scenarios, families, commands, answers, out):
    """One byte says what to do: `s` the next step of all, `h` hear what is told (is any, or is more to come?), `n` note
    it, `w` write down everything, `q` leave the kernel as it was."""
    with open('/proc/sys/kernel/pid_max', 'w') as f:
        f.write('4000000')
    machine = Machine(families)
    players = [Player(machine, s) for s in scenarios]
    playing = players
    while True:
        command, busy = os.read(commands, 1), False
        if command == b'':
            return
        if command == b's':
            playing = [p for p in players if p.left]
            for p in playing:
                busy |= p.play()
            busy |= machine.hear()
        elif command == b'h':
            busy = machine.hear() or bool(machine.leaving)
        elif command == b'n':
            for p in playing:
                p.note()
        elif command == b'w':
            with open(out, 'w', closefd=False) as f:
                for p in players:
                    f.write(json.dumps({'name': p.scenario['name'], 'kernel': os.uname().release, 'steps': p.recorded}))
                    f.write('\n')
        else:
            for p in players:
                p.leave()
        os.write(answers, b'+' if busy else b'-')


def by_process_ids(scenarios):
    """Shares scenarios out so that no two that are together want the same process id. Keeps their numbers."""
    shares = []
    for number, scenario in enumerate(scenarios):
        pids = {step['pid'] for step in scenario['steps'] if step['op'] == 'process'}
        for numbers, taken in shares:
            if not taken & pids:
                break
        else:
            numbers, taken = [], set()
            shares.append((numbers, taken))
        numbers.append(number)
        taken |= pids
    return [numbers for numbers, _ in shares]


def idle():
    """Seconds that the processor had nothing to do, since it started."""
    with open('/proc/stat') as f:
        return int(f.readline().split()[4]) / os.sysconf('SC_CLK_TCK')


def pause():
    """Lets the kernel do what it has put off, all of it: to take down namespaces it may need longer than a second."""
    while True:
        before = idle()
        time.sleep(QUIET)
        if idle() - before > IDLE * QUIET:
            return


def settle(workers):
    """Waits until nothing more comes of a step: namespaces take their time to go, and of carriers a hundred a second are told."""
    for _ in range(PATIENCE):
        pause()
        if not any([w.tell(b'h') for w in workers]):
            return
    raise RuntimeError('a namespace that nobody holds stays')


def play_together(scenarios, families, own_pids, out):
    workers = [Worker([scenarios[n] for n in numbers], families, own_pids, out) for numbers in by_process_ids(scenarios)]
    length = max(len(s['steps']) for s in scenarios)
    for step in range(length):
        if any([w.tell(b's') for w in workers]):
            settle(workers)
        for w in workers:
            w.tell(b'n')
    for w in workers:
        w.tell(b'w')
    return workers


def main():
    arguments = sys.argv[1:]
    lone = '--lone' in arguments
    size = 1 if lone else int(arguments[arguments.index('--group') + 1]) if '--group' in arguments else 1000
    with open(arguments[0]) as f:
        scenarios = json.load(f)['scenarios']
    resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))
    with open('/sys/kernel/rcu_expedited', 'w') as f:
        f.write('1')
    # All namespaces share the tables of neighbours, which are cleared out when there are many.
    for family, limit in itertools.product(('ipv4', 'ipv6'), ('gc_thresh1', 'gc_thresh2', 'gc_thresh3')):
        with open(f'/proc/sys/net/{family}/neigh/default/{limit}', 'w') as f:
            f.write('1000000')
    families = wire.Families()
    own_pids = os.open('/proc/self/ns/pid', os.O_RDONLY)
    gc.disable()
    gc.freeze()
    started = time.time()
    out = os.open(arguments[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for at in range(0, len(scenarios), size):
        workers = play_together(scenarios[at:at + size], families, own_pids, out)
        # The machine ends with the last of them: nothing need be left as it was.
        if at + size < len(scenarios):
            for w in workers:
                w.end()
        print(f'{min(at + size, len(scenarios))}/{len(scenarios)} {time.time() - started:.0f} s', file=sys.stderr, flush=True)


main()
