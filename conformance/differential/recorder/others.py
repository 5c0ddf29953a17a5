"""Processes besides the one that plays: some only live in a namespace, some ask as root of a user namespace.

They are forked by one that has few descriptors, so that none of them keeps a namespace that should go.
"""
import ctypes, json, os, signal, socket, struct, wire

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_DUMPABLE = 4
OWNER_UID = 1000  # whoever made the user namespaces
# Where an asker's own descriptors begin: out of the way, and few, for each has a table up to here.
ASKER_LOWEST = 210

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class Line:
    """Messages with descriptors, to another process and back."""

    def __init__(self, end):
        self.end = end

    def send(self, message, fds=()):
        data = json.dumps(message).encode()
        socket.send_fds(self.end, [struct.pack('I', len(data))], list(fds))
        self.end.sendall(data)

    def receive(self):
        head, fds, _, _ = socket.recv_fds(self.end, 4, 8)
        if len(head) < 4:
            return None, []
        size, data = struct.unpack('I', head)[0], b''
        while len(data) < size:
            data += self.end.recv(size - len(data))
        return json.loads(data), fds

    def call(self, message, fds=()):
        self.send(message, fds)
        return self.receive()


class Others:
    """The other processes of a worker, seen from there."""

    def __init__(self, families, lowest):
        here, there = socket.socketpair()
        self.lowest = lowest
        if os.fork() == 0:
            end = there.detach()
            os.closerange(0, end)
            os.closerange(end + 1, 1 << 20)
            serve(Line(socket.socket(fileno=end)), families)
            os._exit(0)
        there.close()
        self.line = Line(socket.socket(fileno=wire.raised(here.detach(), lowest)))

    def live(self, pid, ns):
        """A process that lives in a namespace."""
        found, _ = self.line.call({'do': 'live', 'pid': pid}, [ns])
        if found != pid:
            raise RuntimeError(f'process {found} instead of {pid}')

    def end(self, pid):
        self.line.call({'do': 'end', 'pid': pid})

    def asker(self):
        here, there = socket.socketpair()
        self.line.call({'do': 'ask'}, [there.fileno()])
        there.close()
        return Asker(Line(socket.socket(fileno=wire.raised(here.detach(), self.lowest))), self.lowest)


class Asker:
    """The root of a user namespace of its own."""

    def __init__(self, line, lowest):
        self.line, self.lowest = line, lowest

    def new_namespace(self):
        _, fds = self.line.call({'do': 'new'})
        return wire.raised(fds[0], self.lowest)

    def opened(self, number, fd):
        self.line.call({'do': 'open', 'number': number}, [fd])

    def closed(self, number):
        self.line.call({'do': 'close', 'number': number})

    def exchange(self, number, step, out):
        out.update(self.line.call({'do': 'exchange', 'number': number, 'step': step})[0])

    def leave(self):
        self.line.end.close()


def serve(line, families):
    """Makes and ends processes until nobody is left to ask for any."""
    while True:
        message, fds = line.receive()
        if message is None:
            return
        if message['do'] == 'end':
            os.kill(message['pid'], signal.SIGKILL)
            os.waitpid(message['pid'], 0)
            line.send(None)
        elif message['do'] == 'live':
            with open('/proc/sys/kernel/ns_last_pid', 'w') as f:
                f.write(str(message['pid'] - 1))
            line.send(spawn(lambda: live(line, fds[0])))
        else:
            # Not where processes of scenarios are numbered.
            with open('/proc/sys/kernel/ns_last_pid', 'w') as f:
                f.write('300')
            spawn(lambda: ask(line, fds[0], families))
            line.send(None)
        for fd in fds:
            os.close(fd)


def spawn(run):
    """A process that has begun when this returns."""
    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(ready)
            go_on = run()
            os.write(go, b'x')
            os.close(go)
            go_on()
        finally:
            os._exit(0)
    os.close(go)
    begun = os.read(ready, 1)
    os.close(ready)
    if not begun:
        raise RuntimeError(f'process {pid} ended early')
    return pid


def live(line, ns):
    os.setns(ns, CLONE_NEWNET)
    os.close(ns)
    line.end.close()

    def wait():
        while True:
            signal.pause()
    return wait


def ask(line, end, families):
    """Makes a user namespace and does there what the player says."""
    own = wire.raised(end, ASKER_LOWEST)
    line.end.close()
    os.closerange(0, 3)
    for number, path in ((90, '/dev/null'), (91, '/proc/self/ns/mnt')):
        fd = os.open(path, os.O_RDONLY)
        os.dup2(fd, number)
        os.close(fd)
    os.setresuid(OWNER_UID, OWNER_UID, OWNER_UID)
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # so that /proc/self stays its own
    os.unshare(CLONE_NEWUSER)
    with open('/proc/self/uid_map', 'w') as f:
        f.write(f'0 {OWNER_UID} 1')
    os.setresuid(0, 0, 0)
    # To be in between, so that the namespaces of the scenario can go.
    os.unshare(CLONE_NEWNET)
    home = wire.raised(os.open('/proc/self/ns/net', os.O_RDONLY), ASKER_LOWEST)
    return lambda: answer(Line(socket.socket(fileno=own)), home, families)


def answer(line, home, families):
    while True:
        message, fds = line.receive()
        if message is None:
            return
        reply, back = None, []
        if message['do'] == 'new':
            os.unshare(CLONE_NEWNET)
            back = [os.open('/proc/self/ns/net', os.O_RDONLY)]
        elif message['do'] == 'open':
            os.dup2(fds[0], message['number'])
        elif message['do'] == 'close':
            os.close(message['number'])
        else:
            reply = {}
            os.setns(message['number'], CLONE_NEWNET)
            try:
                wire.exchange(message['step'], families, None, ASKER_LOWEST, reply)
            except Exception as e:
                reply['error'] = repr(e)
        os.setns(home, CLONE_NEWNET)
        line.send(reply, back)
        for fd in [*fds, *back]:
            os.close(fd)
