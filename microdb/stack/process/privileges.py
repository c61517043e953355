"""What a child does between fork and exec. Among other things it gives up root, as which Postgres refuses to run."""

import ctypes
import os
import pwd
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from microdb.stack import StackError
from microdb.stack.process.parent_death import signal_on_parent_death

PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 47, 2  # linux/prctl.h
CAP_DAC_OVERRIDE, CAPABILITY_VERSION_3 = 1, 0x20080522  # linux/capability.h
# Loaded here and not in the child, where a lock held by another thread could block the loader.
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """The user that a server runs as.

    `keeps_reach`: the server keeps the right to pass folders that are closed to that user (Linux only).
    """

    uid: int
    gid: int
    keeps_reach: bool = False


def account_for(data: Path, program: Path) -> Account | None:
    """The account that runs Postgres on this data directory; None means the caller's, unless the caller is root.

    For root it is the owner of existing data, else `nobody`, which every system has. No account is created.
    Raises StackError where that user cannot reach the files and the system offers no way to let it.
    """
    if os.geteuid() != 0:
        return None
    owner = data.stat() if data.exists() else None
    if owner is not None and owner.st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        nobody = pwd.getpwnam("nobody")
        uid, gid = nobody.pw_uid, nobody.pw_gid
    reaches = _open_to_all(data) and _open_to_all(program)
    if not reaches and sys.platform != "linux":
        raise StackError(
            f"Postgres does not run as root, and another user cannot reach {data} or {program}: "
            "run MicroDB as an ordinary user."
        )
    return Account(uid, gid, keeps_reach=not reaches)


def before_exec(
    *, orphan_signal: signal.Signals, account: Account | None = None, niceness: int = 0
) -> Callable[[], None]:
    """The function to run in the child, as `preexec_fn`.

    `orphan_signal` arrives when the thread that started the child ends, however it ends (Linux only).
    """
    parent = os.getpid()

    def run() -> None:
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
            # A child inherits ignored signals, and a shell's `&` and nohup ignore some.
            signal.signal(number, signal.SIG_DFL)
        if niceness:
            os.nice(niceness)
        if account is not None:
            _become(account)
        signal_on_parent_death(orphan_signal)  # after the change of user, which clears it
        if os.getppid() != parent:
            os._exit(1)

    return run


def _open_to_all(path: Path) -> bool:
    """Whether every folder above lets every user through; one under /root or pytest's own does not."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents if folder.exists())


def _become(account: Account) -> None:
    if account.keeps_reach:
        _check(_libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    if account.keeps_reach:
        _keep_reach()


def _keep_reach() -> None:
    """Keep the one capability to pass closed folders, so that no folder of the machine needs a wider mode."""
    bit = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    _check(_libc.capset(header, effective_permitted_inheritable))
    _check(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
