#!/usr/bin/env python3
"""Lists the links of a namespace of the embedded kernel, with nothing but a unix socket and docs/protocol.md.

    netkit kernel start
    python3 examples/protocol/links.py SOCKET [NAMESPACE]

SOCKET is what `netkit kernel status` shows.
"""
import json
import socket
import struct
import sys

HELLO, WELCOME, ERROR, DATAGRAM = 1, 2, 5, 7
RTM_NEWLINK, RTM_GETLINK, NLMSG_ERROR, NLMSG_DONE = 16, 18, 2, 3
NLM_F_REQUEST, NLM_F_DUMP = 0x01, 0x300
IFLA_IFNAME = 3


def exactly(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError("the kernel process closed the connection")
        data += piece
    return data


def send(connection, kind, payload, tag=0):
    connection.sendall(struct.pack("<IBBH", len(payload), kind, 0, tag) + payload)


def receive(connection):
    size, kind, _, tag = struct.unpack("<IBBH", exactly(connection, 8))
    return kind, tag, exactly(connection, size)


def messages(datagram):
    while len(datagram) >= 16:
        length, kind = struct.unpack_from("<IH", datagram)
        yield kind, datagram[16:length]
        datagram = datagram[(length + 3) & ~3:]


def attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("<HH", data)
        yield kind & 0x3FFF, data[4:length]
        data = data[(length + 3) & ~3:]


def main(path, namespace=None):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    hello = {"netkit": 1, "door": "netlink", "netlink": {"protocol": 0}}
    if namespace:
        hello["netlink"]["namespace"] = {"name": namespace}
    send(connection, HELLO, json.dumps(hello).encode())
    kind, _, payload = receive(connection)
    if kind != WELCOME:
        sys.exit(json.loads(payload).get("extack", "refused"))

    header = struct.pack("<BxHiII", 0, 0, 0, 0, 0)
    request = struct.pack("<IHHII", 16 + len(header), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0) + header
    send(connection, DATAGRAM, request)
    while True:
        kind, _, payload = receive(connection)
        if kind != DATAGRAM:
            continue
        for kind, body in messages(payload):
            if kind in (NLMSG_DONE, NLMSG_ERROR):
                return
            if kind == RTM_NEWLINK:
                ifindex = struct.unpack_from("<i", body, 4)[0]
                name = dict(attributes(body[16:]))[IFLA_IFNAME].rstrip(b"\0").decode()
                print(f"{ifindex}: {name}")


main(*sys.argv[1:])
