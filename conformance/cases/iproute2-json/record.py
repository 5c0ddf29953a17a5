#!/usr/bin/env python3
"""Records what `ip link show` prints, with the link messages that it prints them from.

Run as root on Linux 7.3 with iproute2 7.3 and the module netdevsim; writes SCENARIO.json into the folder of this file, or
into the one given. Each scenario has a network namespace of its own.
"""
import json, os, socket, struct, subprocess, sys, time

NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP, NLM_F_EXCL, NLM_F_CREATE = 1, 4, 0x300, 0x200, 0x400
RTM_NEWLINK, RTM_GETLINK = 16, 18
IFLA_EXT_MASK, EXT_MASK_VF = 29, 1

OPTIONS = ['', '-d', '-s', '-s -s', '-d -s', '-br', '-o', '-d -o', '-s -o', '-br -o']
JSON_OPTIONS = ['-j', '-j -d', '-j -s', '-j -s -s', '-j -d -s', '-j -br']
EXACT = ['-j -p -d', '-j -p -br', '-c=always -d', '-c=always -br']


def attr(kind, payload):
    return struct.pack('HH', 4 + len(payload), kind) + payload + b'\0' * (-len(payload) % 4)


def message(kind, flags, attrs, index=0):
    body = struct.pack('BxHiII', 0, 0, index, 0, 0) + attrs
    return struct.pack('IHHII', 16 + len(body), kind, flags, 1, 0) + body


def talk(request):
    """Sends one request and gives all messages of its answer."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.send(request)
        answer = []
        while True:
            data = s.recv(1 << 18)
            while data:
                size, kind = struct.unpack_from('IH', data)
                if kind == 2 and struct.unpack_from('i', data, 16)[0] != 0:
                    raise SystemExit(f'refused: {struct.unpack_from("i", data, 16)[0]}')
                if kind in (2, 3):
                    return answer
                answer.append(data[:size])
                data = data[size + -size % 4:]


def links():
    dump = message(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, attr(IFLA_EXT_MASK, struct.pack('I', EXT_MASK_VF)))
    return [m.hex() for m in talk(dump)]


def single(name, mode, queues):
    """A netkit device without a peer: `ip` cannot ask for one."""
    data = attr(10, struct.pack('I', 1)) + attr(5, struct.pack('I', mode))
    info = attr(1, b'netkit\0') + attr(2 | 0x8000, data)
    return message(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
                   attr(3, name.encode() + b'\0') + attr(32, struct.pack('I', queues)) + attr(18 | 0x8000, info))


def shell(command):
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


SCENARIOS = {
    'loopback': ['ip link set lo up'],
    'netkit-l2': [
        'ip link add nk0 address 02:00:00:00:00:01 type netkit mode l2 peer name nk1 address 02:00:00:00:00:02',
        'ip link property add dev nk0 altname host-side altname another-name-that-is-longer-than-fifteen',
        'ip link set nk0 alias "to the pod"',
        'ip link set nk1 group 42',
        'ip link set nk0 up', 'ip link set nk1 up',
    ],
    'netkit-l3': [
        'ip link add nk0 type netkit blackhole scrub none peer forward scrub default name nk1',
        'ip link add nk7 mtu 9000 txqueuelen 0 numrxqueues 8 type netkit',
        'ip link set nk0 up',
    ],
    'netkit-single': [single('nk0', 0, 4), single('nk1', 1, 1), 'ip link set nk1 up'],
    'veth': [
        'ip link add ve0 address 02:00:00:00:00:01 type veth peer name ve1 address 02:00:00:00:00:02',
        'ip link add ve2 type veth',
        'ip link set ve0 up', 'ip link set ve1 up', 'ip link set ve2 up',
    ],
    'dummy': [
        'ip link add d0 address 02:00:00:00:00:01 numrxqueues 2 numtxqueues 3 mtu 1400 group 5 type dummy',
        'ip link add index 77 type dummy', 'ip link set d0 up promisc on allmulticast on multicast on arp off',
    ],
    'nic': [
        'echo "10 1 4" > /sys/bus/netdevsim/new_device', 'sleep 1',
        'ip link set eth0 address 02:00:00:00:00:01', 'ip link set eth0 up',
    ],
    'two-namespaces': [
        'ip netns add pod', 'ip link add nk0 type netkit mode l2 peer name nk1 netns pod',
        'ip link add nk2 type netkit mode l3 peer name nk3', 'ip link set nk2 netns pod', 'ip link set nk0 up',
    ],
    'traffic': [
        'ip link add ve0 address 02:00:00:00:00:01 type veth peer name ve1 address 02:00:00:00:00:02',
        'ip addr add 10.0.0.1/24 dev ve0', 'ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev ve0',
        'ip link set ve0 up', 'ip link set ve1 up', 'ip link set lo up',
        "python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
        "[s.sendto(b\"x\" * 1000, (\"10.0.0.2\", 9)) for _ in range(1234)]'",
    ],
}
FILTERS = {
    'netkit-l2': ['dev nk0', 'type netkit', 'group 42', 'up'],
    'netkit-single': ['dev nk0'],
    'two-namespaces': ['dev nk0'],
}


def record(name, steps, folder):
    os.unshare(os.CLONE_NEWNET)
    setup = []
    for step in steps:
        if isinstance(step, bytes):
            talk(step)
            setup.append({'request': step.hex()})
        else:
            shell(step)
            setup.append(step)
    time.sleep(3)  # carrier events and IPv6 have their say
    while True:
        before = links()
        shows = {}
        for options in OPTIONS + JSON_OPTIONS + EXACT:
            filters = FILTERS.get(name, []) if options in ('', '-d', '-j -d') else []
            for words in ['', *filters]:
                command = ' '.join(f'ip {options} link show {words}'.split())
                text = shell(command)
                shows[command] = json.loads(text) if options in JSON_OPTIONS else text
        if links() == before:
            break
    result = {'scenario': name, 'kernel': os.uname().release, 'iproute2': shell('ip -V').strip(), 'setup': setup,
              'links': before, 'shows': shows}
    with open(os.path.join(folder, f'{name}.json'), 'w') as f:
        json.dump(result, f, indent=1)
        f.write('\n')


folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
for name, steps in SCENARIOS.items():
    child = os.fork()
    if child == 0:
        record(name, steps, folder)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(f'{name} failed')
    subprocess.run('ip netns del pod; echo 10 > /sys/bus/netdevsim/del_device', shell=True, stderr=subprocess.DEVNULL)
