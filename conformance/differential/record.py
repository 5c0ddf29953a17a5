#!/usr/bin/env python3
"""Plays scenarios on the running kernel and writes down what it answered.

usage: record.py SCENARIOS.json RECORDED.jsonl [--lone] [--group N]

Runs as root on the kernel that is asked; needs nothing but Python. Scenarios share nothing and are played side by side: a
step of each, then a pause in which the kernel catches up with carrier changes, then the next step of each. With --lone one
scenario is played after the other, which takes longer and leaves the kernel nothing else to do. The formats are described
in README.md.
"""
import ctypes, errno, fcntl, gc, json, os, select, signal, socket, struct, sys, time

CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
SOL_NETLINK, ADD_MEMBERSHIP, CAP_ACK, EXT_ACK, STRICT_CHK = 270, 1, 10, 11, 12
SO_RCVBUFFORCE = 33
RTNLGRP_LINK, RTNLGRP_NSID = 1, 28
GENERIC_GROUPS = {'netdev': ('mgmt', 'page-pool'), 'ethtool': ('monitor',)}
# What scenarios call the families by, whose ids depend on the order in which they came.
FAMILY_NUMBERS = {'netdev': 0x7d01, 'ethtool': 0x7d02}
PROTOCOLS = {'route': 0, 'generic': 16}
CAP_NET_ADMIN = 12
NOBODY = 65534
OWNER_UID = 1000  # whoever made the user namespaces
QUIET = 1.15  # the kernel may put off a carrier change for a second
BUS = '/sys/bus/netdevsim'
HIGH = 200  # descriptors from here on are the recorder's own

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def set_capabilities(mask):
    header = struct.pack('Ii', 0x20080522, 0)
    data = struct.pack('6I', mask & 0xffffffff, mask & 0xffffffff, 0, mask >> 32, mask >> 32, 0)
    check(libc.capset(header, data))


def high(fd):
    """The same descriptor out of the way of those that scenarios count on."""
    up = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH)
    os.close(fd)
    return up


def netlink_socket(protocol):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, PROTOCOLS[protocol])
    s.setblocking(False)
    return socket.socket(fileno=high(s.detach()))


def resolve(family):
    """The id of a generic netlink family, and its multicast groups by name."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16) as s:
        name = family.encode() + b'\0'
        body = struct.pack('BBHHH', 3, 1, 0, 4 + len(name), 2) + name + b'\0' * (-len(name) % 4)
        s.send(struct.pack('IHHII', 16 + len(body), 16, 1, 1, 0) + body)
        data = s.recv(65536)
    number, groups = None, {}

    def walk(at, end):
        while at + 4 <= end:
            length, kind = struct.unpack_from('HH', data, at)
            yield kind & 0x3fff, at + 4, at + length
            at += (length + 3) & ~3

    for kind, start, end in walk(20, len(data)):
        if kind == 1:
            number = struct.unpack('H', data[start:end])[0]
        if kind != 7:
            continue
        for _, start, end in walk(start, end):
            found = {k: data[a:b] for k, a, b in walk(start, end)}
            groups[found[1].rstrip(b'\0').decode()] = struct.unpack('I', found[2])[0]
    return number, groups


def drain(s):
    """All datagrams that wait."""
    while True:
        try:
            yield s.recv(65536)
        except BlockingIOError:
            return
        except OSError as e:
            if e.errno != errno.ENOBUFS:
                raise
            yield b''


def messages(datagrams, rename={}):
    for data in datagrams:
        at = 0
        while at + 16 <= len(data):
            length, kind = struct.unpack_from('IH', data, at)
            message = bytearray(data[at:at + length])
            # An acknowledgement quotes the header of the request.
            types = (4, 24) if kind == 2 and length >= 36 else (4,)
            for offset in types if rename else ():
                found = struct.unpack_from('H', message, offset)[0]
                struct.pack_into('H', message, offset, rename.get(found, found))
            yield message.hex()
            at += (length + 3) & ~3


def with_ids(datagram, ids):
    """A datagram to generic netlink with the families' ids in the place of their numbers."""
    data, at = bytearray(datagram), 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from('IH', data, at)
        struct.pack_into('H', data, at + 4, ids.get(kind, kind))
        if length < 16:
            break
        at += (length + 3) & ~3
    return bytes(data)


class Namespace:
    def __init__(self, fd, owned):
        self.fd, self.owned = fd, owned
        self.monitors = []
        self.processes = []


class Player:
    """Plays one scenario, in a process (and with process ids and descriptors) of its own."""

    def __init__(self, scenario, ids, groups):
        self.steps, self.ids, self.groups = scenario['steps'], ids, groups
        self.numbers = {family: number for number, family in ids.items()}
        self.home = high(os.open('/proc/self/ns/net', os.O_RDONLY))
        self.where = self.home
        self.userns = None
        self.nics = []
        self.namespaces = {}
        self.pending = []
        for number, path in ((90, '/dev/null'), (91, '/proc/self/ns/mnt')):
            fd = high(os.open(path, os.O_RDONLY))
            os.dup2(fd, number)
            os.close(fd)

    def enter(self, fd):
        if self.where != fd:
            os.setns(fd, CLONE_NEWNET)
            self.where = fd

    def play(self, step):
        out = {}
        acts = {'ns-add': self.add, 'ns-del': self.delete, 'process': self.process, 'netlink': self.netlink,
                'nic-add': self.plug, 'nic-del': self.unplug}
        acts[step['op']](step, out)
        return out

    def add(self, step, _out):
        owned = bool(step.get('owner'))
        if owned:
            fd = self.owned_namespace()
        else:
            os.unshare(CLONE_NEWNET)
            self.where = None
            fd = os.open('/proc/self/ns/net', os.O_RDONLY)
        fd = high(fd)
        os.dup2(fd, step['fd'])
        os.close(fd)
        ns = self.namespaces[step['ns']] = Namespace(step['fd'], owned)
        self.enter(ns.fd)
        self.listen(ns)

    def owned_namespace(self):
        """A namespace that the scenario's user namespace owns, which uid OWNER_UID made."""
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        pid = os.fork()
        if pid == 0:
            if self.userns is None:
                os.setresuid(OWNER_UID, OWNER_UID, OWNER_UID)
                libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: so that /proc/self stays readable
                os.unshare(CLONE_NEWUSER)
            else:
                os.setns(self.userns, CLONE_NEWUSER)
            there.send(b'u')
            there.recv(1)
            os.unshare(CLONE_NEWNET)
            files = [os.open(f'/proc/self/ns/{kind}', os.O_RDONLY) for kind in ('net', 'user')]
            socket.send_fds(there, [b'n'], files)
            there.recv(1)
            os._exit(0)
        here.recv(1)
        if self.userns is None:
            # The file system of processes belongs to the outermost process namespace.
            with open(f'/proc/{outer_pid(pid)}/uid_map', 'w') as f:
                f.write(f'0 {OWNER_UID} 1')
        here.send(b'm')
        _, fds, _, _ = socket.recv_fds(here, 1, 2)
        here.send(b'x')
        os.waitpid(pid, 0)
        here.close()
        there.close()
        if self.userns is None:
            self.userns = high(fds[1])
        else:
            os.close(fds[1])
        return fds[0]

    def listen(self, ns):
        for proto, groups in (('route', (RTNLGRP_LINK, RTNLGRP_NSID)), ('generic', self.groups)):
            s = netlink_socket(proto)
            s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
            s.bind((0, 0))
            for group in groups:
                s.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)
            ns.monitors.append((proto, s))

    def delete(self, step, _out):
        ns = self.namespaces.pop(step['ns'])
        self.enter(self.home)
        self.collect_from(step['ns'], ns)
        for _, s in ns.monitors:
            s.close()
        for pid in ns.processes:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(ns.fd)

    def process(self, step, _out):
        with open('/proc/sys/kernel/ns_last_pid', 'w') as f:
            f.write(str(step['pid'] - 1))
        ns = self.namespaces[step['ns']]
        ready, go = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.setns(ns.fd, CLONE_NEWNET)
            for n in self.namespaces.values():
                os.close(n.fd)
                for _, s in n.monitors:
                    s.close()
            os.write(go, b'x')
            while True:
                signal.pause()
        os.read(ready, 1)
        os.close(ready)
        os.close(go)
        if pid != step['pid']:
            raise RuntimeError(f'process {pid} instead of {step["pid"]}')
        ns.processes.append(pid)

    def plug(self, step, _out):
        self.enter(self.namespaces[step['ns']].fd)
        with open(f'{BUS}/new_device', 'w') as f:
            f.write(f'{step["nic"]} 1 {step["queues"]}')
        self.nics.append(step['nic'])

    def unplug(self, step, _out):
        self.nics.remove(step['nic'])
        with open(f'{BUS}/del_device', 'w') as f:
            f.write(str(step['nic']))

    def netlink(self, step, out):
        ns, options = self.namespaces[step['ns']], step['sock']
        who = options.get('as')
        if not ns.owned and who is None:
            self.enter(ns.fd)
            self.exchange(step, None, out)
            return
        # Someone else asks: a process of its own, which cannot go back.
        self.enter(ns.fd)
        made = self.open(options, step) if who and who.startswith('send-') else None
        ready, go = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                self.become(ns, who)
                self.exchange(step, made, out)
            except Exception as e:
                out['error'] = repr(e)
            with os.fdopen(go, 'w') as f:
                json.dump(out, f)
            os._exit(0)
        os.close(go)
        with os.fdopen(ready) as f:
            out.update(json.load(f))
        os.waitpid(pid, 0)
        if made:
            made.close()

    def become(self, ns, who):
        if ns.owned:
            os.setns(self.userns, CLONE_NEWUSER)
            os.setresuid(0, 0, 0)
        elif who.endswith('user'):
            os.setresuid(NOBODY, NOBODY, NOBODY)
        else:
            set_capabilities(((1 << 41) - 1) & ~(1 << CAP_NET_ADMIN))

    def open(self, options, step):
        s = netlink_socket(step['proto'])
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        for option, key in ((CAP_ACK, 'cap_ack'), (EXT_ACK, 'ext_ack'), (STRICT_CHK, 'strict')):
            if options.get(key):
                s.setsockopt(SOL_NETLINK, option, 1)
        s.bind((options['portid'], 0))
        return s

    def exchange(self, step, made, out):
        s = made or self.open(step['sock'], step)
        try:
            datagram = bytes.fromhex(step['req'])
            s.sendto(with_ids(datagram, self.ids) if step['proto'] == 'generic' else datagram, (0, 0))
        except OSError as e:
            out['send_errno'] = e.errno
        datagrams = list(drain(s))
        s.close()
        out['replies'] = list(messages(datagrams, self.numbers if step['proto'] == 'generic' else {}))

    def collect_from(self, name, ns):
        for proto, s in ns.monitors:
            rename = self.numbers if proto == 'generic' else {}
            self.pending += [[name, proto, m] for m in messages(drain(s), rename)]

    def collect(self):
        before = len(self.pending)
        for name in sorted(self.namespaces):
            self.collect_from(name, self.namespaces[name])
        return len(self.pending) != before

    def serve(self, commands, answers):
        """One byte says what to do: `s` the next step, `c` collect notifications, `d` done: write down the step."""
        recorded, out, at = [], {}, 0
        while True:
            command = os.read(commands, 1)
            if command == b's':
                try:
                    out = self.play(self.steps[at])
                except Exception as e:
                    out = {'error': f'step {at}: {e!r}'}
                at += 1
                os.write(answers, b'+' if self.collect() else b'-')
            elif command == b'c':
                os.write(answers, b'+' if self.collect() else b'-')
            elif command == b'd':
                self.collect()
                self.pending.sort(key=lambda n: (n[0], n[1]))
                recorded.append({**out, 'notify': self.pending})
                self.pending = []
                os.write(answers, b'.')
            else:
                for nic in list(self.nics):
                    self.unplug({'nic': nic}, None)
                data = json.dumps(recorded).encode()
                os.write(answers, struct.pack('I', len(data)))
                while data:
                    data = data[os.write(answers, data):]
                os._exit(0)


def outer_pid(pid):
    """The number that /proc knows a child by."""
    for entry in os.listdir('/proc'):
        if not entry.isdigit():
            continue
        try:
            with open(f'/proc/{entry}/status') as f:
                status = dict(line.split(':', 1) for line in f if ':' in line)
        except OSError:
            continue
        numbers = status['NSpid'].split()
        if numbers[-1] == str(pid) and len(numbers) > 1 and status['PPid'].strip() == os.readlink('/proc/self'):
            return entry
    raise RuntimeError('child not found in /proc')


class Child:
    def __init__(self, scenario, ids, groups, own_pids):
        self.scenario = scenario
        self.left = len(scenario['steps'])
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        os.setns(own_pids, CLONE_NEWPID)
        os.unshare(CLONE_NEWPID)
        self.pid = os.fork()
        if self.pid == 0:
            commands, answers = high(commands), high(answers)
            os.closerange(0, HIGH)  # scenarios count on these being closed
            for entry in os.listdir('/proc/self/fd'):
                if int(entry) >= HIGH and int(entry) not in (commands, answers):
                    try:
                        os.close(int(entry))
                    except OSError:
                        pass
            try:
                Player(scenario, ids, groups).serve(commands, answers)
            finally:
                os._exit(1)
        os.close(commands)
        os.close(answers)

    def tell(self, command):
        os.write(self.commands, command)
        answer = os.read(self.answers, 1)
        if not answer:
            raise RuntimeError(f'{self.scenario["name"]}: the player died')
        return answer

    def finish(self):
        os.write(self.commands, b'q')
        size = struct.unpack('I', os.read(self.answers, 4))[0]
        data = b''
        while len(data) < size:
            data += os.read(self.answers, size - len(data))
        os.close(self.commands)
        os.close(self.answers)
        os.waitpid(self.pid, 0)
        return json.loads(data)


def play_together(scenarios, ids, groups, own_pids, out):
    children = [Child(s, ids, groups, own_pids) for s in scenarios]
    step = 0
    while any(c.left for c in children):
        playing = [c for c in children if c.left]
        busy = False
        for c in playing:
            busy |= c.tell(b's') == b'+' or c.scenario['steps'][step]['op'] == 'ns-del' or bool(c.scenario['steps'][step].get('wait'))
            c.left -= 1
        removed = any(c.scenario['steps'][step]['op'] == 'ns-del' for c in playing)
        while busy:
            time.sleep(QUIET)
            heard = [c.tell(b'c') == b'+' for c in playing]
            # A namespace takes its time to go, and carrier changes may follow.
            busy = removed and any(heard)
        for c in playing:
            c.tell(b'd')
        step += 1
    for c in children:
        out.write(json.dumps({'name': c.scenario['name'], 'kernel': os.uname().release, 'steps': c.finish()}) + '\n')


def main():
    arguments = sys.argv[1:]
    lone = '--lone' in arguments
    size = int(arguments[arguments.index('--group') + 1]) if '--group' in arguments else 500
    with open(arguments[0]) as f:
        scenarios = json.load(f)['scenarios']
    families = {f: resolve(f) for f in GENERIC_GROUPS}
    groups = [families[f][1][g] for f, names in GENERIC_GROUPS.items() for g in names]
    ids = {FAMILY_NUMBERS[f]: families[f][0] for f in families}
    own_pids = os.open('/proc/self/ns/pid', os.O_RDONLY)
    fcntl.fcntl(own_pids, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    gc.freeze()
    started = time.time()
    with open(arguments[1], 'w') as out:
        size = 1 if lone else size
        for at in range(0, len(scenarios), size):
            play_together(scenarios[at:at + size], ids, groups, own_pids, out)
            out.flush()
            print(f'{min(at + size, len(scenarios))}/{len(scenarios)} {time.time() - started:.0f} s', file=sys.stderr, flush=True)


main()
