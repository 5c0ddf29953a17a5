"""Netlink sockets and messages, as bytes."""
import errno, fcntl, os, socket, struct

SOL_NETLINK, ADD_MEMBERSHIP, CAP_ACK, EXT_ACK, STRICT_CHK = 270, 1, 10, 11, 12
SO_RCVBUFFORCE = 33
PROTOCOLS = {'route': 0, 'generic': 16}
NLMSG_ERROR = 2
RTM_NEWNSID, RTM_DELNSID = 88, 89
RTNLGRP_LINK, RTNLGRP_NSID = 1, 28
ROUTE_GROUPS = (RTNLGRP_LINK, RTNLGRP_NSID)
GENERIC_GROUPS = {'netdev': ('mgmt', 'page-pool'), 'ethtool': ('monitor',)}
# What scenarios call the families by, whose ids depend on the order in which they came.
FAMILY_NUMBERS = {'netdev': 0x7d01, 'ethtool': 0x7d02}

buffer = bytearray(65536)


def raised(fd, lowest):
    """The same descriptor out of the way of those that scenarios count on."""
    up = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, lowest)
    os.close(fd)
    return up


def netlink_socket(protocol, lowest):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, PROTOCOLS[protocol])
    return socket.socket(fileno=raised(s.detach(), lowest))


def open_socket(protocol, options, lowest):
    """A socket as a step asks for it."""
    s = netlink_socket(protocol, lowest)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    for option, key in ((CAP_ACK, 'cap_ack'), (EXT_ACK, 'ext_ack'), (STRICT_CHK, 'strict')):
        if options.get(key):
            s.setsockopt(SOL_NETLINK, option, 1)
    s.bind((options['portid'], 0))
    return s


def monitor(protocol, groups, lowest):
    """A socket that hears what is told to groups."""
    s = netlink_socket(protocol, lowest)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    s.bind((0, 0))
    for group in groups:
        s.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)
    return s


def drain(s):
    """All datagrams that wait."""
    while True:
        try:
            size = s.recv_into(buffer)
        except BlockingIOError:
            return
        except OSError as e:
            if e.errno != errno.ENOBUFS:
                raise
            size = 0
        yield bytes(memoryview(buffer)[:size])


def messages(datagrams, rename={}):
    """The messages of datagrams, as hex, with families called by `rename`."""
    for data in datagrams:
        at = 0
        while at + 16 <= len(data):
            length, kind = struct.unpack_from('IH', data, at)
            message = data[at:at + length]
            if rename:
                message = bytearray(message)
                # An acknowledgement quotes the header of the request.
                for offset in (4, 24) if kind == NLMSG_ERROR and length >= 36 else (4,):
                    found = struct.unpack_from('H', message, offset)[0]
                    struct.pack_into('H', message, offset, rename.get(found, found))
            yield message.hex()
            at += (length + 3) & ~3


def new_nsid(number, fd):
    """A request that gives a namespace an id."""
    return struct.pack('=IHHIIIHHIHHI', 36, RTM_NEWNSID, 1, 1, 0, 0, 8, 1, number, 8, 3, fd)


def deleted_nsids(datagrams):
    """Ids of which notifications tell that their namespaces are gone."""
    for data in datagrams:
        if struct.unpack_from('H', data, 4)[0] == RTM_DELNSID:
            yield struct.unpack_from('I', data, 24)[0]


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


class Families:
    """The generic netlink families: their ids by the scenarios' numbers, the other way round, and groups to listen to."""

    def __init__(self):
        found = {family: resolve(family) for family in GENERIC_GROUPS}
        self.ids = {FAMILY_NUMBERS[family]: number for family, (number, _) in found.items()}
        self.numbers = {number: call for call, number in self.ids.items()}
        self.groups = [found[family][1][group] for family, names in GENERIC_GROUPS.items() for group in names]


def resolve(family):
    """The id of a generic netlink family, and its multicast groups by name."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, PROTOCOLS['generic']) as s:
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


def exchange(step, families, made, lowest, out):
    """Sends a step's datagram through a socket, which is made if it is not there, and notes what comes back."""
    generic = step['proto'] == 'generic'
    s = made or open_socket(step['proto'], step['sock'], lowest)
    try:
        datagram = bytes.fromhex(step['req'])
        s.sendto(with_ids(datagram, families.ids) if generic else datagram, (0, 0))
    except OSError as e:
        out['send_errno'] = e.errno
    out['replies'] = list(messages(drain(s), families.numbers if generic else {}))
    s.close()
