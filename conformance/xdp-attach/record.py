#!/usr/bin/env python3
"""Plays random sequences of attaching XDP programs, by netlink and by links, on the running kernel and writes down its answers.

usage: record.py SEED COUNT LENGTH   (as root, on a kernel with netkit, veth, dummy, netdevsim; JSON lines to standard output)

Objects are called by what they are, not by their numbers, so that another kernel can play the same steps.
"""
import ctypes, errno, json, os, random, select, socket, struct, sys, time

libc = ctypes.CDLL(None, use_errno=True)
SYS_BPF, CLONE_NEWNET = 321, 0x40000000
PROG_LOAD, INFO, LINK_CREATE, LINK_UPDATE, LINK_DETACH = 5, 15, 28, 29, 34
NEWLINK, DELLINK, GETLINK = 16, 17, 18
IFLA_IFNAME, IFLA_MTU, IFLA_LINKINFO, IFLA_XDP, IFLA_MAX_MTU = 3, 4, 18, 43, 51
REPLACE = 4
# type, expected attach type, flags, device that it is bound to
PROGRAMS = [(6, 0, 0, None), (6, 37, 0, None), (6, 0, 0, None), (6, 37, 32, None), (6, 0, 32, None), (6, 33, 0, None),
            (6, 35, 0, None), (3, 0, 0, None), (6, 37, 64, 'va'), (6, 0, 64, 'eth'), (6, 37, 96, 'va')]
DEVICES = ['nk', 'nkp', 'va', 'vb', 'vc', 'vd', 'du', 'lo', 'eth']


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(bytes(attr), len(attr))
    result = libc.syscall(SYS_BPF, command, buffer, len(attr))
    return result if result >= 0 else -ctypes.get_errno()


def load(prog_type, expected, flags, ifindex):
    code = struct.pack('<BBhi', 0xb7, 0, 0, 2) + struct.pack('<BBhi', 0x95, 0, 0, 0)
    insns, license = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(b'GPL')
    attr = bytearray(72)
    struct.pack_into('<IIQQ', attr, 0, prog_type, 2, ctypes.addressof(insns), ctypes.addressof(license))
    struct.pack_into('<I', attr, 44, flags)
    struct.pack_into('<II', attr, 64, ifindex, expected)
    return bpf(PROG_LOAD, attr)


def info(fd):
    memory = ctypes.create_string_buffer(64)
    attr = bytearray(16)
    struct.pack_into('<IIQ', attr, 0, fd, 64, ctypes.addressof(memory))
    bpf(INFO, attr)
    return memory.raw


def attr(kind, data): return struct.pack('<HH', 4 + len(data), kind) + data + b'\0' * (-len(data) % 4)


def attrs(data):
    at = 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from('<HH', data, at)
        if size < 4: break
        yield kind & 0x3fff, data[at + 4:at + size]
        at += size + 3 & ~3


def messages(data):
    at = 0
    while at + 16 <= len(data):
        size, kind, flags, seq, _ = struct.unpack_from('<IHHII', data, at)
        yield kind, flags, seq, data[at + 16:at + size]
        at += size + 3 & ~3


class Netlink:
    def __init__(self, protocol):
        self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.s.setsockopt(270, 11, 1)  # extended acknowledgements
        self.s.bind((0, 0))
        self.seq = 0

    def ask(self, kind, payload, flags=5):
        """0 or a negative errno, the text, and the payload of a reply."""
        self.seq += 1
        self.s.send(struct.pack('<IHHII', 16 + len(payload), kind, flags, self.seq, 0) + payload)
        reply = None
        while True:
            for kind, flags, seq, body in messages(self.s.recv(1 << 17)):
                if kind != 2:
                    reply = body
                    continue
                error, = struct.unpack_from('<i', body)
                size, = struct.unpack_from('<I', body, 4)
                tlvs = body[4 + (16 if flags & 0x100 else size):] if flags & 0x200 else b''
                text = next((v.rstrip(b'\0').decode() for k, v in attrs(tlvs) if k == 1), None)
                return error, text, reply


def family(generic, name):
    _, _, body = generic.ask(16, struct.pack('<BBH', 3, 1, 0) + attr(2, name.encode() + b'\0'))
    found = dict(attrs(body[4:]))
    groups = {dict(attrs(g))[1].rstrip(b'\0').decode(): struct.unpack('<I', dict(attrs(g))[2])[0] for _, g in attrs(found[7])}
    return struct.unpack('<H', found[1])[0], groups


def link_header(ifindex, flags=0, change=0): return struct.pack('<BBHiII', 0, 0, 0, ifindex, flags, change)


class World:
    """Fresh devices, programs and links in a namespace of their own."""

    def __init__(self, rng, number):
        self.rng = rng
        if libc.unshare(CLONE_NEWNET): raise OSError(ctypes.get_errno())
        self.route, generic = Netlink(0), Netlink(16)
        self.generic = generic
        self.netdev, groups = family(generic, 'netdev')
        self.ethtool, ethtool_groups = family(generic, 'ethtool')
        kind = lambda name, *data: attr(IFLA_LINKINFO, attr(1, name.encode()) + b''.join(data))
        name = lambda text: attr(IFLA_IFNAME, text.encode() + b'\0')
        peer = lambda text, *more: attr(1, link_header(0) + name(text) + b''.join(more))
        u32 = lambda k, n: attr(k, struct.pack('<I', n))
        make = lambda *parts: self.must(self.route.ask(NEWLINK, link_header(0, 1, 1) + b''.join(parts), 0x605))
        make(name('nk'), kind('netkit', attr(2, attr(1, link_header(0, 1, 1) + name('nkp')) + u32(5, 0))))
        make(name('va'), kind('veth', attr(2, peer('vb'))))
        make(name('vc'), u32(31, 2), u32(32, 1), kind('veth', attr(2, peer('vd', u32(31, 2), u32(32, 2)))))
        make(name('du'), kind('dummy'))
        before = set(socket.if_nameindex())
        with open('/sys/bus/netdevsim/new_device', 'w') as f: f.write(f'{number} 1 2')
        self.number = number
        time.sleep(.3)
        (index, _), = set(socket.if_nameindex()) - before
        self.must(self.route.ask(NEWLINK, link_header(index) + name('eth')))
        self.targets = {n: socket.if_nametoindex(n) for n in DEVICES}
        for n in ('vb', 'vd', 'lo'): self.must(self.route.ask(NEWLINK, link_header(self.targets[n], 1, 1)))
        time.sleep(1.3)
        self.targets['missing'] = 99999
        self.names = {n: k for k, n in self.targets.items()}
        self.programs = [load(t, e, f, self.targets[d] if d else 0) for t, e, f, d in PROGRAMS]
        assert min(self.programs) >= 0, self.programs
        self.program_ids = {struct.unpack_from('<I', info(fd), 4)[0]: n for n, fd in enumerate(self.programs)}
        self.links = []
        self.tell_route, self.tell_generic = Netlink(0), Netlink(16)
        self.tell_route.s.setsockopt(270, 1, 1)
        for group in (groups['mgmt'], ethtool_groups['monitor']): self.tell_generic.s.setsockopt(270, 1, group)

    def must(self, answer):
        assert answer[0] == 0, answer
        return answer

    def close(self):
        for link in self.links:
            if link: os.close(link['fd'])
        for fd in self.programs: os.close(fd)
        with open('/sys/bus/netdevsim/del_device', 'w') as f: f.write(str(self.number))
        for n in (self.route, self.generic, self.tell_route, self.tell_generic): n.s.close()

    def number_of(self, ref):
        kind, n = ref
        return {'none': -1, 'negative': -3, 'closed': 4000, 'file': 900}.get(kind) if kind != 'prog' else self.programs[n]

    def some_program(self):
        return ['prog', self.rng.choice((0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 8, 9, 10))]

    def odd_program(self): return self.rng.choice((['closed', 0], ['file', 0], ['prog', 7]))

    def step(self):
        rng = self.rng
        target = rng.choice(['va'] * 5 + ['vb'] * 2 + ['vc', 'vd', 'nk', 'nkp', 'du', 'du', 'lo', 'eth', 'eth', 'eth'])
        mode = rng.choice((0, 0, 0, 2, 2, 4, 4, 4, 8))
        op = rng.choice(['set'] * 12 + ['link'] * 5 + ['update'] * 3 + ['undo', 'close', 'info', 'mtu', 'mtu', 'features', 'split', 'switch'])
        if op == 'set':
            prog = ['none', 0] if rng.random() < .3 else self.some_program() if rng.random() < .95 else self.odd_program()
            step = {'op': op, 'target': target, 'prog': prog, 'flags': mode | rng.choice((0, 0, 0, 0, 1))}
            if rng.random() < .25:
                expected = rng.choice((['none', 0], self.some_program(), self.some_program(), self.odd_program()))
                step.update(flags=step['flags'] | 16, expected=expected)
            if rng.random() < .04: step.update(expected=self.some_program())
            if rng.random() < .04: step['flags'] |= rng.choice((16, 32, 6, 12))
            return step
        if op == 'link':
            flags = mode | rng.choice((0,) * 12 + (1, 16, 32, 6))
            return {'op': op, 'target': rng.choice((target,) * 12 + ('missing',)), 'flags': flags,
                    'type': rng.choice((37,) * 15 + (0, 33, 35, 46)),
                    'prog': self.some_program() if rng.random() < .93 else self.odd_program()}
        if op == 'mtu': return {'op': op, 'target': rng.choice(('va', 'vb', 'vc', 'vd', 'eth')), 'mtu': rng.choice((1500, 1500, 3000, 3400, 3500, 3520, 3600, 4000, 4100, 9000, 65535))}
        if op == 'features': return {'op': op, 'target': target}
        if op == 'split': return {'op': op, 'target': 'eth', 'split': rng.choice((0, 1, 2, 2))}
        if op == 'switch': return {'op': op, 'target': rng.choice(('va', 'vb', 'vd', 'eth', 'du')), 'feature': rng.choice(('rx-gro', 'rx-lro')), 'on': rng.choice((True, False))}
        live = [i for i, link in enumerate(self.links) if link]
        if not live: return self.step()
        link = rng.choice(live)
        step = {'op': op, 'link': link}
        if op == 'update':
            step.update({'new': self.some_program() if rng.random() < .95 else self.odd_program(), 'flags': rng.choice((0, 0, 4, 4, 8)),
                         'old': rng.choice((['zero', 0], ['zero', 0], self.some_program(), ['prog', self.links[link]['prog']]))})
        return step

    def play(self, s):
        answer = getattr(self, f'play_{s["op"]}')(s)
        told = self.told()
        if told: answer['told'] = told
        if 'target' in s and s['target'] != 'missing': answer['shows'] = self.shows(s['target'])
        return answer

    def answer(self, result):
        error, text, _ = result
        return {'result': error, **({'text': text} if text is not None else {})}

    def play_set(self, s):
        nest = attr(1, struct.pack('<i', self.number_of(s['prog']))) + attr(3, struct.pack('<I', s['flags']))
        if 'expected' in s: nest += attr(8, struct.pack('<i', self.number_of(s['expected'])))
        return self.answer(self.route.ask(NEWLINK, link_header(self.targets[s['target']]) + attr(IFLA_XDP | 0x8000, nest)))

    def play_mtu(self, s):
        return self.answer(self.route.ask(NEWLINK, link_header(self.targets[s['target']]) + attr(IFLA_MTU, struct.pack('<I', s['mtu']))))

    def play_split(self, s):
        header = attr(1 | 0x8000, attr(1, struct.pack('<I', self.targets[s['target']])))
        return self.answer(self.generic.ask(self.ethtool, struct.pack('<BBH', 16, 1, 0) + header + attr(11, bytes([s['split']]))))

    def play_switch(self, s):
        header = attr(1 | 0x8000, attr(1, struct.pack('<I', self.targets[s['target']])))
        bit = attr(1 | 0x8000, attr(2, s['feature'].encode() + b'\0') + (attr(3, b'') if s['on'] else b''))
        wanted = attr(3 | 0x8000, attr(3 | 0x8000, bit))
        return self.answer(self.generic.ask(self.ethtool, struct.pack('<BBH', 12, 1, 0) + header + wanted))

    def play_features(self, s):
        _, _, body = self.generic.ask(self.netdev, struct.pack('<BBH', 1, 1, 0) + attr(1, struct.pack('<I', self.targets[s['target']])))
        return {'result': 0, 'features': struct.unpack('<Q', dict(attrs(body[4:]))[3])[0]}

    def play_link(self, s):
        request = struct.pack('<IIII', self.number_of(s['prog']), self.targets[s['target']], s['type'], s['flags'])
        result = bpf(LINK_CREATE, request + b'\0' * 16)
        if result < 0: return {'result': result}
        self.links.append({'fd': result, 'prog': s['prog'][1]})
        return {'result': 0, 'made': len(self.links) - 1}

    def play_update(self, s):
        old = 0 if s['old'][0] == 'zero' else self.number_of(s['old'])
        result = bpf(LINK_UPDATE, struct.pack('<IIII', self.links[s['link']]['fd'], self.number_of(s['new']), s['flags'], old))
        if result == 0: self.links[s['link']]['prog'] = s['new'][1]
        return {'result': result}

    def play_undo(self, s): return {'result': bpf(LINK_DETACH, struct.pack('<I', self.links[s['link']]['fd']))}

    def play_close(self, s):
        os.close(self.links[s['link']]['fd'])
        self.links[s['link']] = None
        return {'result': 0}

    def play_info(self, s):
        kind, _, prog, _, ifindex = struct.unpack_from('<IIIII', info(self.links[s['link']]['fd']))
        return {'result': 0, 'type': kind, 'prog': self.program_ids[prog], 'device': self.names.get(ifindex, ifindex)}

    def link_facts(self, body):
        found = dict(attrs(body[16:]))
        xdp = [[k, self.program_ids.get(struct.unpack('<I', v)[0], 'unknown') if len(v) == 4 else v[0]] for k, v in attrs(found[IFLA_XDP])]
        return {'xdp': xdp, 'maxMtu': struct.unpack('<I', found[IFLA_MAX_MTU])[0]}

    def shows(self, target): return self.link_facts(self.route.ask(GETLINK, link_header(self.targets[target]))[2])

    def told(self):
        """What subscribers heard, each as kind, device and what matters here."""
        told = []
        for s, what in ((self.tell_route.s, self.heard_link), (self.tell_generic.s, self.heard_generic)):
            while select.select([s], [], [], 0)[0]:
                for kind, _, _, body in messages(s.recv(1 << 17)): told.append(what(kind, body))
        return told

    def heard_link(self, kind, body):
        ifindex, = struct.unpack_from('<i', body, 4)
        facts = self.link_facts(body) if IFLA_XDP in dict(attrs(body[16:])) else {}
        return [{NEWLINK: 'newlink', DELLINK: 'dellink'}.get(kind, kind), self.names.get(ifindex, ifindex), facts]

    def heard_generic(self, kind, body):
        found = dict(attrs(body[4:]))
        if kind == self.netdev:
            return [f'netdev {body[0]}', self.names[struct.unpack('<I', found[1])[0]], struct.unpack('<Q', found[3])[0]]
        header = dict(attrs(found[1]))
        return [f'ethtool {body[0]}', self.names[struct.unpack('<I', header[1])[0]]]


def main():
    seed, count, length = map(int, sys.argv[1:4])
    os.dup2(os.open('/dev/null', os.O_RDONLY), 900)
    for n in range(count):
        world = World(random.Random(seed * 100003 + n), 50 + n)
        steps = []
        for _ in range(length):
            step = world.step()
            steps.append({**step, 'answer': world.play(step)})
        world.close()
        print(json.dumps({'name': f'{seed}/{n}', 'steps': steps}, separators=(',', ':')), flush=True)


main()
