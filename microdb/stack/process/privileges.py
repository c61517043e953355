"""What a child does between fork and exec: die with its parent, and give up root (Postgres refuses to run as root)."""

import ctypes
import os
import pwd
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2  # linux/prctl.h
CAP_DAC_OVERRIDE, CAPABILITY_VERSION_3 = 1, 0x20080522  # linux/capability.h
# Loaded here and not in the child, where a lock held by another thread could block the loader.
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """The user that a server runs as. `reaches`: whether it can reach its files without help."""

    uid: int
    gid: int
    reaches: bool = True


def account_for(data: Path, program: Path) -> Account | None:
    """Who runs Postgres on this data directory; None means the caller, which is right for everybody but root.

    For root: the owner of existing data, else `nobody`, which every system has; no account is ever created.
    """
    if os.geteuid() != 0:
        return None
    owner = data.stat() if data.exists() else None
    if owner is not None and owner.st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        nobody = pwd.getpwnam("nobody")
        uid, gid = nobody.pw_uid, nobody.pw_gid
    return Account(uid, gid, reaches=_open_to_all(data) and _open_to_all(program))


def _open_to_all(path: Path) -> bool:
    """Whether every folder above lets everybody through; one under /root or pytest's own does not."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents if folder.exists())


def before_exec(
    *, orphan_signal: signal.Signals, account: Account | None = None, niceness: int = 0
) -> Callable[[], None]:
    """The function to run in the child, as `preexec_fn`.

    `orphan_signal` arrives when the thread that started the child ends, however it ends (Linux only).
    """
    parent = os.getpid()

    def run() -> None:
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
            # A shell's `&` and nohup leave some ignored, and a child would inherit the deafness.
            signal.signal(number, signal.SIG_DFL)
        if niceness:
            os.nice(niceness)
        if account is not None:
            _become(account)
        die_with_parent(orphan_signal)  # after the change of user, which clears it
        if os.getppid() != parent:
            os._exit(1)

    return run


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send this signal to the calling process when its parent ends (Linux; elsewhere nothing)."""
    if LINUX:
        _check(_libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0))


def _become(account: Account) -> None:
    keep = LINUX and not account.reaches
    if keep:
        _check(_libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    if keep:
        _keep_reach()


def _keep_reach() -> None:
    """Keep the one right to pass closed folders, so that no folder of the machine needs a wider mode."""
    bit = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    _check(_libc.capset(header, effective_permitted_inheritable))
    _check(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
