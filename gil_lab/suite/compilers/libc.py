"""Input and output for compiled tasks (`numba.njit`): the C library of Linux, and a little on top of it.

A buffer is a C pointer to bytes, from `calloc` to `free`. Rejected: numpy arrays and their `.ctypes`, which take three
times as long to compile, and compilation is part of what the lab measures. A C call neither needs nor holds the GIL.

`numba.types.ExternalFunction` is not in Numba's documentation, hence this one module. The documented ways, ctypes and
cffi, freeze the address of the function into the code, so that Numba's disk cache cannot store anything that calls it.
"""

import os
import socket
import sys
from typing import Any

from numba import njit
from numba.types import CPointer, ExternalFunction, int32, int64, uint8, uint32, void

if sys.platform != "linux":
    raise ImportError("compiled input and output is written for the C library of Linux; choose another strategy")

Buffer = CPointer(uint8)

calloc = ExternalFunction("calloc", Buffer(int64, int64))
free = ExternalFunction("free", void(Buffer))
usleep = ExternalFunction("usleep", int32(uint32))

# open(2) takes a variable number of arguments; on Linux, unlike macOS, these are passed as any others.
open_file = ExternalFunction("open", int32(Buffer, int32, int32))
write = ExternalFunction("write", int64(int32, Buffer, int64))
fsync = ExternalFunction("fsync", int32(int32))
pread = ExternalFunction("pread", int64(int32, Buffer, int64, int64))
close = ExternalFunction("close", int32(int32))
unlink = ExternalFunction("unlink", int32(Buffer))
O_RDWR_CREAT = os.O_RDWR | os.O_CREAT

open_socket = ExternalFunction("socket", int32(int32, int32, int32))
connect = ExternalFunction("connect", int32(int32, Buffer, uint32))
send = ExternalFunction("send", int64(int32, Buffer, int64, int32))
recv = ExternalFunction("recv", int64(int32, Buffer, int64, int32))
AF_INET, SOCK_STREAM, MSG_WAITALL = int(socket.AF_INET), int(socket.SOCK_STREAM), int(socket.MSG_WAITALL)
NO_SOCKET = -2


@njit(error_model="numpy")
def exchange(port: Any, buffer: Any, length: Any, room: Any) -> Any:
    """Send `length` bytes of `buffer` to 127.0.0.1, receive up to `room` bytes into it until the other side closes.

    Returns the number of bytes received; -1 without a connection, and NO_SOCKET without a socket.
    """
    address = calloc(1, 16)  # struct sockaddr_in: family, port and address in network order, zeros
    address[0] = AF_INET
    address[2] = port >> 8
    address[3] = port & 255
    address[4] = 127
    address[7] = 1
    received = -1
    connection = open_socket(AF_INET, SOCK_STREAM, 0)
    if connection < 0:
        free(address)
        return NO_SOCKET
    if connect(connection, address, 16) == 0:
        send(connection, buffer, length, 0)
        received = recv(connection, buffer, room, MSG_WAITALL)
    close(connection)
    free(address)
    return received


@njit(error_model="numpy")
def put(buffer: Any, text: Any) -> Any:
    """Copy the bytes object `text` to the beginning of `buffer`. Returns its length."""
    for at in range(len(text)):
        buffer[at] = text[at]
    return len(text)


@njit(error_model="numpy")
def put_number(buffer: Any, end: Any, number: Any) -> Any:
    """Write the decimal digits of `number` over zeros, the last one before `end`."""
    while number > 0:
        end -= 1
        buffer[end] = 48 + number % 10
        number //= 10


@njit(error_model="numpy")
def adler32(buffer: Any, begin: Any, end: Any) -> Any:
    """`zlib.adler32` (RFC 1950) of `buffer[begin:end]`, which must be short enough (256 MiB) for 64-bit sums."""
    a, b = 1, 0
    for at in range(begin, end):
        a += buffer[at]
        b += a
    return b % 65521 << 16 | a % 65521
