"""Landlock: the kernel lets this process reach the named files and folders, and no others, for the rest of its life.

https://docs.kernel.org/userspace-api/landlock.html; numbers and flags are those of linux/landlock.h, and the numbers of
the calls are the same on every machine. It needs no privileges.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_FILE, _MAKE_REG = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 8
_TRUNCATE: Final = 1 << 14
# All that each version of the interface can deny: from the third one on truncating, from the fifth on ioctl of devices.
_HANDLED: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}

_READ: Final = _EXECUTE | _READ_FILE | _READ_DIR
_WRITE: Final = _READ_FILE | _READ_DIR | _WRITE_FILE | _REMOVE_FILE | _MAKE_REG | _TRUNCATE
# What a rule for a file, not a folder, may name.
_OF_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Of the kernel's interface; 0 if it has none."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))))


def allow_only(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """False, and nothing is restricted, where the kernel has no Landlock. What does not exist is left out. `readable`
    may be run as well. Raises OSError."""
    supported = version()
    if not supported:
        return False
    handled = _HANDLED[max(known for known in _HANDLED if known <= supported)]
    attributes = struct.pack("=Q", handled)
    ruleset = _call(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    try:
        for paths, access in ((readable, _READ), (writable, _WRITE)):
            for path in paths:
                _allow(ruleset, path, access & handled)
        if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "the kernel refuses to take privileges away")
        _call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return True


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rule = struct.pack("=Qi", access if path.is_dir() else access & _OF_FILES, descriptor)
        _call(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return result
