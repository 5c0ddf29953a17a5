#!/usr/bin/env python3
"""Plays cases of programs and packets on the running kernel, and writes each down with what came of it.

usage: play.py CASES   (as root, on a kernel with netkit; JSON lines from the file to standard output)

Devices are made once for all cases with the same settings. Packet sockets on every device tell what passes there.
"""
import ctypes, json, os, socket, struct, subprocess, sys, time

libc = ctypes.CDLL(None, use_errno=True)
SYS_BPF = 321
MAP_CREATE, MAP_LOOKUP, PROG_LOAD, ATTACH, DETACH = 0, 1, 5, 8, 9
HOOKS = {'netkitPrimary': 54, 'netkitPeer': 55, 'tcxIngress': 46, 'tcxEgress': 47}
SOL_PACKET, AUXDATA = 263, 8
CLONE_NEWNET = 0x40000000


def sh(line):
    subprocess.run(line, shell=True, check=True)


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(bytes(attr), len(attr))
    result = libc.syscall(SYS_BPF, command, buffer, len(attr))
    if result < 0: raise OSError(ctypes.get_errno(), f'bpf {command}')
    return result


def load(code):
    insns, license = ctypes.create_string_buffer(bytes(code), len(code)), ctypes.create_string_buffer(b'GPL')
    log = ctypes.create_string_buffer(1 << 16)
    attr = bytearray(48)
    struct.pack_into('<IIQQIIQ', attr, 0, 3, len(code) // 8, ctypes.addressof(insns), ctypes.addressof(license), 1, 1 << 16,
                     ctypes.addressof(log))
    try: return bpf(PROG_LOAD, attr)
    except OSError: sys.exit(log.value.decode())


def enter(fd):
    assert libc.setns(fd, CLONE_NEWNET) == 0


class World:
    """Namespaces and devices of some settings."""

    def __init__(self, plan, settings):
        self.plan = plan
        self.home = os.open('/proc/self/ns/net', os.O_RDONLY)
        for ns in ('host', 'p1', 'p2'):
            sh(f'ip netns add {ns}; ip netns exec {ns} sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1')
        self.ns = {ns: os.open(f'/run/netns/{ns}', os.O_RDONLY) for ns in ('host', 'p1', 'p2')}
        for link in plan['links']: self.add(link, settings)
        self.sockets, self.senders = {}, {}
        for device in plan['devices']:
            enter(self.ns_of(device))
            listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            listener.bind((device, 3))
            listener.setsockopt(SOL_PACKET, AUXDATA, 1)
            listener.setblocking(False)
            self.sockets[device] = listener
            self.senders[device] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.senders[device].bind((device, 0))
        enter(self.home)

    def ns_of(self, device):
        return self.ns[self.plan['namespaces'].get(device) or 'host']

    def add(self, link, settings):
        name, peer = link['name'], link.get('peer')
        mac = lambda device: ' address ' + ':'.join('%02x' % byte for byte in self.plan['addresses'][device])
        index = lambda device: f' index {self.plan["indexes"][device]}'
        own = mac if link['kind'] != 'netkit' or settings['mode'] == 'l2' else lambda device: ''
        there = f' netns {link["ns"]}' if 'ns' in link else ''
        line = f'ip -n host link add name {name}{index(name)}{own(name)} type {link["kind"]}'
        if link['kind'] == 'netkit':
            line += f' mode {settings["mode"]} {settings["policy"]} scrub {settings["scrub"]}'
            line += f' peer {settings["peerPolicy"]} scrub {settings["peerScrub"]}'
        elif peer: line += ' peer'
        if peer: line += f' name {peer}{index(peer)}{own(peer)}{there}'
        sh(line)
        for device in filter(None, (name, peer)):
            sh(f'ip -n {self.plan["namespaces"].get(device) or "host"} link set {device} up')

    def close(self):
        for s in [*self.sockets.values(), *self.senders.values()]: s.close()
        for fd in self.ns.values(): os.close(fd)
        for link in self.plan['links']: sh(f'ip -n host link del {link["name"]}')
        for ns in ('host', 'p1', 'p2'): sh(f'ip netns del {ns}')
        os.close(self.home)

    def counters(self):
        counts = {}
        for ns in ('host', 'p1', 'p2'):
            shown = json.loads(subprocess.check_output(['ip', '-n', ns, '-s', '-j', 'link', 'show']))
            for link in shown:
                rx, tx = link['stats64']['rx'], link['stats64']['tx']
                counts[link['ifname']] = [rx['packets'], rx['bytes'], tx['packets'], tx['bytes'], tx['dropped'], rx['dropped']]
        return {device: counts[device] for device in self.plan['devices']}

    def drain(self):
        seen = {}
        for device, s in self.sockets.items():
            while True:
                try: data, control, _, address = s.recvmsg(65536, 64)
                except BlockingIOError: break
                for level, kind, value in control:
                    if (level, kind) != (SOL_PACKET, AUXDATA): continue
                    status, _, _, _, _, tci, tpid = struct.unpack('<IIIHHHH', value[:20])
                    if status & 0x10: data = data[:12] + struct.pack('>HH', tpid if status & 0x40 else 0x8100, tci) + data[12:]
                seen.setdefault(device, []).append(f'{address[2]} {data.hex()}')
        return seen


class Case:
    def __init__(self, world, case):
        self.world, self.case = world, case

    def play(self):
        plan, world = self.world.plan, self.world
        attr = bytearray(32)
        struct.pack_into('<IIII', attr, 0, 2, 4, plan['valueBytes'], plan['observers'])
        self.map = bpf(MAP_CREATE, attr)
        attached = [self.attach(program) for program in self.case['programs']]
        before = world.counters()
        world.drain()
        for send in self.case['sends']:
            try: world.senders[send['device']].send(bytes.fromhex(send['frame']))
            except OSError: pass
            time.sleep(0.002)
        time.sleep(0.005)
        seen, after = world.drain(), world.counters()
        for device, hook, fd in attached: self.detach(device, hook, fd)
        counters = {d: [b - a for a, b in zip(before[d], after[d])] for d in after}
        observed = self.observed()
        os.close(self.map)
        return {'seen': seen, 'counters': {d: c for d, c in counters.items() if any(c)}, 'observed': observed}

    def attach(self, program):
        code = bytearray.fromhex(program['code'])
        for slot in program['maps']: struct.pack_into('<I', code, slot * 8 + 4, self.map)
        fd = load(code)
        enter(self.world.ns_of(program['device']))
        index, hook = self.world.plan['indexes'][program['device']], HOOKS[program['hook']]
        bpf(ATTACH, struct.pack('<IIII', index, fd, hook, 0).ljust(32, b'\0'))
        enter(self.world.home)
        return program['device'], hook, fd

    def detach(self, device, hook, fd):
        enter(self.world.ns_of(device))
        bpf(DETACH, struct.pack('<IIII', self.world.plan['indexes'][device], fd, hook, 0).ljust(32, b'\0'))
        enter(self.world.home)
        os.close(fd)

    def observed(self):
        plan, found = self.world.plan, {}
        value = ctypes.create_string_buffer(plan['valueBytes'])
        for slot in range(plan['observers']):
            key = ctypes.create_string_buffer(struct.pack('<I', slot), 4)
            bpf(MAP_LOOKUP, struct.pack('<IIQQQ', self.map, 0, ctypes.addressof(key), ctypes.addressof(value), 0))
            words = struct.unpack(f'<{plan["valueBytes"] // 4}I', value.raw)
            if words[0] == 0: continue
            names = {index: device for device, index in plan['indexes'].items()}
            found[str(slot)] = {field: names[word] if field.lower().endswith('ifindex') and word else word
                                for field, word in zip(plan['fields'], words)}
        return found


def main(path):
    with open(path) as lines:
        plan, *cases = map(json.loads, lines)
    world, settings = None, None
    for case in cases:
        if case['settings'] != settings:
            if world: world.close()
            settings = case['settings']
            world = World(plan, settings)
        print(json.dumps({'name': case['name'], 'outcome': Case(world, case).play()}, separators=(',', ':')), flush=True)
    world.close()


main(sys.argv[1])
