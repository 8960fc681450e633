# SPDX-License-Identifier: GPL-2.0
"""AF_RRDP sockets, whose addresses Python does not know."""

import ctypes
import errno
import os
import socket
import struct

AF_RRDP = 13
SOL_RRDP = 299
SO_OPTIONS, SO_MSGSIZE, SO_DEADTIME = 1, 2, 3
LIBC = ctypes.CDLL(None, use_errno=True)


class IoVec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class MsgHdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_int),
                ("iov", ctypes.POINTER(IoVec)), ("iovlen", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]


class MMsgHdr(ctypes.Structure):
    _fields_ = [("hdr", MsgHdr), ("len", ctypes.c_uint)]


def address(node, port):
    return struct.pack("=HHI", AF_RRDP, port, node)


def call(function, *args):
    """Result of a function of the C library; OSError if it fails."""
    result = function(*args)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


class Socket(socket.socket):
    """A socket that does not block."""

    def __init__(self, fd=None):
        super().__init__(AF_RRDP, socket.SOCK_SEQPACKET, 0, fd)
        self.setblocking(False)

    def option(self, name, value):
        self.setsockopt(SOL_RRDP, name, value)

    def value(self, name):
        return self.getsockopt(SOL_RRDP, name)

    def bind_port(self, port):
        call(LIBC.bind, self.fileno(), address(0, port), 8)

    def local_port(self):
        name, length = ctypes.create_string_buffer(8), ctypes.c_int(8)
        call(LIBC.getsockname, self.fileno(), name, ctypes.byref(length))
        return struct.unpack("=HHI", name.raw)[1]

    def connect_to(self, node, port):
        """0, or the number of the error."""
        try:
            call(LIBC.connect, self.fileno(), address(node, port), 8)
        except OSError as error:
            return error.errno
        return 0

    def connected(self):
        """What became of connect_to(): 0, or the number of an error."""
        number = self.connect_to(1, 1)
        return 0 if number == errno.EISCONN else number

    def send_all(self, messages):
        """Sends several messages in one call; they leave together."""
        buffers = [ctypes.create_string_buffer(m, len(m)) for m in messages]
        iov = (IoVec * len(messages))(*(IoVec(ctypes.addressof(b), len(b))
                                        for b in buffers))
        headers = (MMsgHdr * len(messages))()
        for i, header in enumerate(headers):
            header.hdr.iov, header.hdr.iovlen = ctypes.pointer(iov[i]), 1
        return call(LIBC.sendmmsg, self.fileno(), headers, len(messages), 0)

    def accept_one(self):
        return Socket(call(LIBC.accept4, self.fileno(), None, None, 0))
