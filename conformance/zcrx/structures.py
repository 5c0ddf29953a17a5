"""io_uring by raw system calls, and the structures of zero-copy receive, for asking a real kernel."""
import ctypes
import errno
import mmap
import os
import struct

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
SETUP, ENTER, REGISTER = 425, 426, 427
PAGE = 4096

LAYOUTS = {
    "reg": (96, {"if_idx": "I0", "if_rxq": "I4", "rq_entries": "I8", "flags": "I12", "area_ptr": "Q16", "region_ptr": "Q24",
                 "zcrx_id": "I64", "rx_buf_len": "I68", "event_desc": "Q72", "reserved": "Q80"}),
    "area": (48, {"addr": "Q0", "len": "Q8", "rq_area_token": "Q16", "flags": "I24", "dmabuf_fd": "I28", "reserved": "Q32"}),
    "region": (64, {"user_addr": "Q0", "size": "Q8", "flags": "I16", "id": "I20", "mmap_offset": "Q24", "reserved": "Q32"}),
    "event": (96, {"user_data": "Q0", "type_mask": "I8", "flags": "I12", "stats_offset": "Q16", "reserved": "Q24"}),
    "ctrl": (72, {"zcrx_id": "I0", "op": "I4", "reserved": "Q8", "data": "Q24", "data2": "Q32"}),
    "sqe": (64, {"opcode": "B0", "flags": "B1", "ioprio": "H2", "fd": "I4", "off": "Q8", "addr": "Q16", "len": "I24",
                 "msg_flags": "I28", "user_data": "Q32", "zcrx_id": "I44", "addr3": "Q48"}),
}


def call(number, *args):
    result = LIBC.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in args])
    return result if result >= 0 else -ctypes.get_errno()


def name_of(result):
    name = errno.errorcode.get(-result, str(result)) if result < 0 else str(result)
    return "EOPNOTSUPP" if name == "ENOTSUP" else name


def anonymous(length):
    return LIBC.mmap(ctypes.c_void_p(0), ctypes.c_size_t(length), 3, 0x22, -1, ctypes.c_long(0))


class Memory:
    """What addresses in cases are called by: `mem`, `ring`, `hole` (nothing there), with `+bytes`."""

    def __init__(self):
        self.room = anonymous(1 << 21)
        self.at = {"mem": self.room, "ring": self.room + 65536 * 2, "structs": self.room + 65536 * 3}
        # Around the area there is nothing.
        LIBC.munmap(ctypes.c_void_p(self.room + 65536), ctypes.c_size_t(65536))
        self.at["hole"] = self.room + 65536
        self.at["bad"] = 8

    def value(self, text):
        if not isinstance(text, str):
            return text
        base, _, more = text.partition("+")
        start = self.at[base] if base in self.at else int(base, 0)
        return start + (int(more) if more else 0)

    def pack(self, kind, fields):
        size, layout = LAYOUTS[kind]
        raw = bytearray(size)
        for field, value in fields.items():
            code = layout[field]
            struct.pack_into("<" + code[0], raw, int(code[1:]), self.value(value))
        return bytes(raw)

    def put(self, address, raw):
        ctypes.memmove(address, raw, len(raw))

    def get(self, address, length):
        return ctypes.string_at(address, length)


def setup(flags, entries=8):
    params = ctypes.create_string_buffer(120)
    struct.pack_into("<I", params, 8, flags)
    return call(SETUP, entries, ctypes.addressof(params)), params.raw
