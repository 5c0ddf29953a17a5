"""Plays scenarios, in a process with process ids and descriptors of its own."""
import ctypes, os, select, struct, time, wire
from others import CLONE_NEWNET, Others, check, libc

CAP_NET_ADMIN = 12
ALL_CAPABILITIES = (1 << 41) - 1
NOBODY = 65534
BUS = '/sys/bus/netdevsim'
# Where this process's own descriptors begin. Scenarios count on those below, and try some numbers above as well.
LOWEST = 200_000


def set_effective(mask):
    header = struct.pack('Ii', 0x20080522, 0)
    low, high = ALL_CAPABILITIES & 0xffffffff, ALL_CAPABILITIES >> 32
    check(libc.capset(header, struct.pack('6I', mask & 0xffffffff, low, 0, mask >> 32, high, 0)))


class Someone:
    """Who this process is, for a while."""

    def __init__(self, who):
        self.who = who

    def __enter__(self):
        if self.who == 'nocap':
            set_effective(ALL_CAPABILITIES & ~(1 << CAP_NET_ADMIN))
        else:
            check(libc.setresuid(-1, NOBODY, -1))

    def __exit__(self, *_):
        if self.who == 'nocap':
            set_effective(ALL_CAPABILITIES)
        else:
            check(libc.setresuid(-1, 0, -1))


class Machine:
    """What the scenarios of a worker share: the namespace that it is in, its descriptors, its ear."""

    def __init__(self, families):
        self.families = families
        self.others = Others(families, LOWEST)
        os.unshare(CLONE_NEWNET)  # where no other worker gives ids
        self.home = wire.raised(os.open('/proc/self/ns/net', os.O_RDONLY), LOWEST)
        self.where = self.home
        self.seated = {}
        self.ear = select.epoll()
        moved = select.epoll.fromfd(wire.raised(os.dup(self.ear.fileno()), LOWEST))
        self.ear.close()
        self.ear = moved
        self.heard_by = {}
        self.leaving = set()
        self.buried = 0
        self.nsids = wire.monitor('route', (wire.RTNLGRP_NSID,), LOWEST)
        self.listen(self.nsids, self.hear_of_ends)
        for number, path in ((90, '/dev/null'), (91, '/proc/self/ns/mnt')):
            fd = os.open(path, os.O_RDONLY)
            os.dup2(fd, number)
            os.close(fd)

    def enter(self, fd):
        if self.where != fd:
            os.setns(fd, CLONE_NEWNET)
            self.where = fd

    def seat(self, namespaces):
        """Puts a scenario's namespaces where it counts on them."""
        if self.seated is namespaces:
            return
        wanted = {ns.number for ns in namespaces.values()}
        for ns in self.seated.values():
            if ns.number not in wanted:
                os.close(ns.number)
        for ns in namespaces.values():
            os.dup2(ns.fd, ns.number, inheritable=False)
        self.seated = namespaces

    def hear(self):
        """Hands everyone the notifications that came; says whether any did."""
        ready = self.ear.poll(0, max(1, len(self.heard_by)))
        for fd, _ in ready:
            self.heard_by[fd]()
        return bool(ready)

    def let_go(self, fd):
        """Closes a namespace, of whose end is told here because it has an id here."""
        self.buried += 1
        self.leaving.add(self.buried)
        self.nsids.sendto(wire.new_nsid(self.buried, fd), (0, 0))
        os.close(fd)

    def hear_of_ends(self):
        self.leaving -= set(wire.deleted_nsids(wire.drain(self.nsids)))

    def listen(self, s, hear):
        self.heard_by[s.fileno()] = hear
        self.ear.register(s.fileno(), select.EPOLLIN)

    def forget(self, s):
        del self.heard_by[s.fileno()]
        self.ear.unregister(s.fileno())
        s.close()


class Namespace:
    def __init__(self, fd, number, owned):
        self.fd, self.number, self.owned = fd, number, owned
        self.monitors = []
        self.processes = []


class Player:
    """Plays one scenario, a step at a time."""

    def __init__(self, machine, scenario):
        self.machine, self.scenario, self.steps = machine, scenario, scenario['steps']
        self.asker = None
        self.nics = []
        self.namespaces = {}
        self.pending = []
        self.out = {}
        self.recorded = []

    @property
    def left(self):
        return len(self.recorded) < len(self.steps)

    def play(self):
        step = self.steps[len(self.recorded)]
        acts = {'ns-add': self.add, 'ns-del': self.delete, 'process': self.process, 'netlink': self.netlink,
                'nic-add': self.plug, 'nic-del': self.unplug, 'pause': self.pause}
        self.out = {}
        try:
            self.machine.seat(self.namespaces)
            acts[step['op']](step)
        except Exception as e:
            self.out = {'error': f'step {len(self.recorded)}: {e!r}'}
        return step['op'] in ('ns-del', 'pause') or bool(step.get('wait'))

    def note(self):
        """Nothing more comes of the step."""
        self.pending.sort(key=lambda n: (n[0], n[1]))
        self.recorded.append({**self.out, 'notify': self.pending})
        self.pending = []

    def add(self, step):
        machine, number = self.machine, step['fd']
        owned = bool(step.get('owner'))
        if owned:
            if self.asker is None:
                machine.enter(machine.home)  # for a socket keeps the namespace that it was made in
                self.asker = machine.others.asker()
                for ns in self.namespaces.values():
                    self.asker.opened(ns.number, ns.fd)
            fd = self.asker.new_namespace()
        else:
            os.unshare(CLONE_NEWNET)
            machine.where = None
            fd = wire.raised(os.open('/proc/self/ns/net', os.O_RDONLY), LOWEST)
        if self.asker:
            self.asker.opened(number, fd)
        ns = self.namespaces[step['ns']] = Namespace(fd, number, owned)
        os.dup2(fd, number, inheritable=False)
        machine.enter(fd)
        self.listen(step['ns'], ns)

    def listen(self, name, ns):
        families = self.machine.families
        for proto, groups in (('route', wire.ROUTE_GROUPS + tuple(self.scenario.get('groups', ()))), ('generic', families.groups)):
            s = wire.monitor(proto, groups, LOWEST)
            rename = families.numbers if proto == 'generic' else {}

            def hear(s=s, proto=proto, rename=rename):
                self.pending += [[name, proto, m] for m in wire.messages(wire.drain(s), rename)]
            self.machine.listen(s, hear)
            ns.monitors.append((s, hear))

    def delete(self, step):
        machine = self.machine
        machine.enter(machine.home)
        ns = self.namespaces[step['ns']]
        for s, hear in ns.monitors:
            hear()
            machine.forget(s)
        for pid in ns.processes:
            machine.others.end(pid)
        if self.asker:
            self.asker.closed(ns.number)
        os.close(ns.number)
        machine.let_go(ns.fd)
        del self.namespaces[step['ns']]

    def process(self, step):
        ns = self.namespaces[step['ns']]
        self.machine.others.live(step['pid'], ns.fd)
        ns.processes.append(step['pid'])

    def plug(self, step):
        self.machine.enter(self.namespaces[step['ns']].fd)
        with open(f'{BUS}/new_device', 'w') as f:
            f.write(f'{step["nic"]} 1 {step["queues"]}')
        self.nics.append(step['nic'])

    def unplug(self, step):
        self.nics.remove(step['nic'])
        with open(f'{BUS}/del_device', 'w') as f:
            f.write(str(step['nic']))

    def pause(self, step):
        time.sleep(step['seconds'])

    def netlink(self, step):
        machine, ns = self.machine, self.namespaces[step['ns']]
        if ns.owned:
            self.asker.exchange(ns.number, step, self.out)
            return
        machine.enter(ns.fd)
        who = step['sock'].get('as')
        if who is None:
            wire.exchange(step, machine.families, None, LOWEST, self.out)
            return
        opened = wire.open_socket(step['proto'], step['sock'], LOWEST) if who.startswith('send-') else None
        with Someone(who.removeprefix('send-')):
            wire.exchange(step, machine.families, opened, LOWEST, self.out)

    def leave(self):
        """What would outlive the namespaces goes."""
        for name in list(self.namespaces):
            self.machine.seat(self.namespaces)
            self.delete({'ns': name})
        for nic in list(self.nics):
            self.unplug({'nic': nic})
        if self.asker:
            self.asker.leave()
