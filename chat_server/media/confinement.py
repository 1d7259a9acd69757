"""What a process may not do once it has been confined: open a socket (or, if it fetches, serve one), touch other
processes, take more than its share, or, where the kernel has Landlock, read and write other files than those it is
given. Linux."""

import ctypes
import os
import platform
import resource
import struct
import sys
import sysconfig
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

import chat_core
import chat_server
from chat_server.media import landlock

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2

# linux/audit.h's number of each machine, and that of each call in the kernel's table for it.
_CALLS: Final = (
    *("socket", "connect", "kill", "tkill", "tgkill", "ptrace", "process_vm_readv", "process_vm_writev"),
    *("listen", "execve", "execveat", "pidfd_send_signal", "io_uring_setup", "pidfd_getfd"),
)
_MACHINES: Final = {
    "x86_64": (0xC000003E, (41, 42, 62, 200, 234, 101, 310, 311, 50, 59, 322, 424, 425, 438)),
    "aarch64": (0xC00000B7, (198, 203, 129, 130, 131, 117, 270, 271, 201, 221, 281, 424, 425, 438)),
}
_OTHERS: Final = {"kill", "tkill", "tgkill", "ptrace", "process_vm_readv", "process_vm_writev"} | {
    *("pidfd_send_signal", "pidfd_getfd"),
    "io_uring_setup",  # a ring opens sockets, and files, without the calls that are denied
}
# What a process may not call that decodes files; and one that fetches, which starts and serves nothing.
NOT_FOR_DECODING: Final = frozenset(_OTHERS | {"socket", "connect"})
NOT_FOR_FETCHING: Final = frozenset(_OTHERS | {"listen", "execve", "execveat"})
# Of x86-64's second table, whose numbers are others.
_X32: Final = 0x40000000

_SYSTEM: Final = (
    *("/usr", "/bin", "/lib", "/lib64", "/nix/store", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime"),
    *("/dev/urandom", "/dev/zero"),
)

# linux/bpf_common.h and linux/seccomp.h
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _DENY = 0x7FFF0000, 0x80000000, 0x00050000 | 1  # EPERM


def confine(
    memory_bytes: int,
    file_bytes: int,
    readable: Iterable[Path],
    writable: Iterable[Path],
    *,
    open_files: int = 128,
    denied: Collection[str] = NOT_FOR_DECODING,
) -> None:
    """For the rest of this process and of all that it starts; raises OSError where the kernel refuses. Python, the
    libraries of this machine and fonts are readable in any case."""
    landlock.allow_only([*_of_libraries(), *readable], [*writable, Path(os.devnull)])
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _deny_calls(denied)


def _of_libraries() -> list[Path]:
    """What is imported, loaded or run later: of this installation nothing beside code, since settings, keys and data
    may be in the same folder."""
    python = [sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    packages = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    ours = [Path(chat_core.__path__[0]), Path(chat_server.__path__[0])]
    return [*map(Path, (*python, *packages, *_SYSTEM)), Path(sys.base_prefix, "lib"), *ours]


def allow_cpu(seconds: int) -> None:
    """From now on; the kernel ends the process afterwards (SIGXCPU)."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds + 1, resource.RLIM_INFINITY))


def _deny_calls(names: Collection[str]) -> None:
    """A seccomp filter: such calls fail with EPERM. It needs no privileges, and works within containers."""
    audit, numbers = _MACHINES[platform.machine()]
    denied = [number for name, number in zip(_CALLS, numbers, strict=True) if name in names]
    # Jumps count from the next instruction: the last three are allow, deny and kill.
    tests = [(_EQUAL, number) for number in denied]
    program = [_instruction(_LOAD, 4), _instruction(_EQUAL, audit, 0, len(tests) + 4), _instruction(_LOAD, 0)]
    program.append(_instruction(_AT_LEAST, _X32, len(tests) + 2, 0))
    for index, (test, number) in enumerate(tests):
        program.append(_instruction(test, number, len(tests) - index, 0))
    program += [_instruction(_RETURN, _ALLOW), _instruction(_RETURN, _DENY), _instruction(_RETURN, _KILL)]
    code = ctypes.create_string_buffer(b"".join(program))
    filter_program = ctypes.create_string_buffer(struct.pack("@HxxxxxxQ", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in (
        (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_void_p(ctypes.addressof(filter_program)), 0, 0),
    ):
        if libc.prctl(*call):
            number = ctypes.get_errno()
            raise OSError(number, "the kernel refuses to confine the process that reads what others have made")


def _instruction(code: int, k: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, k)
