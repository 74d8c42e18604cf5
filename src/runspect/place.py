"""Where the engine's lock, socket, index and log lie, how a lock is taken, and where annotations are kept."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from runspect.dataclass import dataclass
from runspect.errors import EngineError

SOCKET_LIMIT = 100
"""Bytes of a socket path; the kernel takes 107 on Linux, 103 on macOS."""
ROOM_NEEDED = 1 << 20
"""Bytes that must be free before an index is begun in a directory."""
NETWORK_FILE_SYSTEMS = (
    "nfs", "cifs", "smb", "fuse", "lustre", "gpfs", "beegfs", "9p", "ceph", "glusterfs", "afs", "pvfs2", "panfs", "wekafs",
    "ocfs2", "gfs2", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "drvfs",
)  # fmt: skip
"""Beginnings of their types. The last five are a virtual machine's view of its host, whose writes the kernel does not tell."""
MOUNTS = Path("/proc/self/mounts")


@dataclass(frozen=True, slots=True)
class Place:
    """One engine's directory on a local disk, with the address of its socket."""

    directory: Path
    socket: Path
    journal: tuple[Path, ...]
    """Journal directories: all are read, the first that can be written is written."""
    note: str = ""
    """Why this is not the usual place; "" when it is."""

    @property
    def lock(self) -> Path:
        """Held by the engine with `flock` while it lives; it holds the engine's process id and socket."""
        return self.directory / "engine.lock"

    @property
    def index(self) -> Path:
        """The DuckDB file. Nobody but the engine's DuckDB may open it."""
        return self.directory / "index.duckdb"

    @property
    def log(self) -> Path:
        """The engine's log."""
        return self.directory / "engine.log"


def host_name() -> str:
    """This host's name, safe as a file name."""
    name = "".join(char if char.isalnum() or char in "._-" else "-" for char in os.uname().nodename)
    return name.lstrip(".")[:64] or "localhost"


def config_directory(environ: Mapping[str, str]) -> Path:
    """Where the user's `config.toml` is."""
    return _home(environ, "XDG_CONFIG_HOME", ".config")


def journal_directories(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where annotations are kept: the user's data directory, and where they went if that could not be written."""
    name = f"journal-{_digest(environ['RUNSPECT_HOME'])}" if environ.get("RUNSPECT_HOME") else "journal"
    usual = _home(environ, "XDG_DATA_HOME", ".local/share") / "journal"
    return (usual, _var_tmp() / name) if _may_use(_var_tmp()) else (usual,)


def places(environ: Mapping[str, str], mounts: Path = MOUNTS) -> tuple[Place, ...]:
    """The places that an engine may use, best first. Nothing is made or checked yet."""
    cache = _home(environ, "XDG_CACHE_HOME", ".cache")
    journal = journal_directories(environ)
    own = _digest(str(cache)) if environ.get("RUNSPECT_HOME") else ""
    usual = cache / host_name()
    beside = (_var_tmp() / own / host_name(), _temporary(environ) / own / host_name())
    if network_file_system(usual, mounts):
        found = [(directory, "") for directory in beside]
    else:
        said = f"{cache} cannot be written"
        found = [(usual, ""), *((directory, f"{said}; the index is in {directory}") for directory in beside)]
    return tuple(Place(directory, _socket(directory, environ), journal, note) for directory, note in found)


def engine_place(environ: Mapping[str, str] | None = None) -> Place:
    """The place that an engine started now would use; its directory is made if it is not there.

    Raises:
        EngineError: No directory can be written.
    """
    refused: list[str] = []
    for place in places(os.environ if environ is None else environ):
        try:
            prepare(place.directory)
        except (OSError, EngineError) as error:
            refused.append(str(error))
            continue
        if has_room(place.directory):
            return place
        refused.append(f"{place.directory} is full or read-only")
    raise EngineError("no directory for the index can be written: " + "; ".join(refused))


def prepare(directory: Path) -> None:
    """Make `directory` with mode 0700, or check that it is a directory of ours that nobody else can enter.

    Raises:
        EngineError: It is a link, somebody else's, or no directory.
        OSError: It cannot be made.
    """
    ours = next((above for above in reversed(directory.parents) if _is_ours_to_make(above)), directory)
    ours.parent.mkdir(parents=True, exist_ok=True)
    # Each one from the top: whoever owns a directory above could put another one in this one's place.
    between = [above for above in reversed(directory.parents) if above.is_relative_to(ours)]
    for each in (*between, directory):
        _make_private(each)


def has_room(directory: Path) -> bool:
    """Whether files can be made and filled in `directory`: neither read-only nor full nor over its quota."""
    probe = directory / f".room-{os.urandom(4).hex()}"
    try:
        space = os.statvfs(directory)
        if space.f_bavail * space.f_frsize < ROOM_NEEDED:
            return False
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    try:
        return os.write(descriptor, bytes(1 << 16)) == 1 << 16
    except OSError:
        return False
    finally:
        os.close(descriptor)
        probe.unlink(missing_ok=True)


def network_file_system(path: Path, mounts: Path = MOUNTS) -> str:
    """The type of the network file system that holds `path`, or "" when it is on a local disk."""
    real = os.path.realpath(path)
    longest, kind = "", ""
    for point, found in _mounts(mounts):
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(longest):
            longest, kind = point, found
    return kind if kind.startswith(NETWORK_FILE_SYSTEMS) else ""


def holds_network_mounts(path: Path, mounts: Path = MOUNTS) -> bool:
    """Whether a network file system is mounted somewhere below `path`."""
    below = os.path.realpath(path).rstrip("/") + "/"
    return any(point.startswith(below) and kind.startswith(NETWORK_FILE_SYSTEMS) for point, kind in _mounts(mounts))


def _mounts(mounts: Path) -> Iterator[tuple[str, str]]:
    """(mount point, type of its file system); none where they cannot be read."""
    try:
        text = mounts.read_text(errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        fields = line.split(" ")
        if len(fields) > 2 and fields[1]:
            yield fields[1].replace("\\040", " "), fields[2]


def take_lock(path: Path) -> int | None:
    """The descriptor that holds `flock` on a file until it is closed; None while another process holds it.

    Raises:
        OSError: The file cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _home(environ: Mapping[str, str], variable: str, default: str) -> Path:
    if environ.get("RUNSPECT_HOME"):
        return Path(environ["RUNSPECT_HOME"]).absolute()
    base = environ.get(variable, "")
    # A relative XDG path is to be ignored, says the XDG base directory specification.
    return (Path(base) if base.startswith("/") else Path(environ.get("HOME") or Path.home()) / default) / "runspect"


def _var_tmp() -> Path:
    return Path(f"/var/tmp/runspect-{os.getuid()}")


def _temporary(environ: Mapping[str, str]) -> Path:
    base = environ.get("TMPDIR", "")
    return Path(base if base.startswith("/") else "/tmp") / f"runspect-{os.getuid()}"


def _socket(directory: Path, environ: Mapping[str, str]) -> Path:
    usual = directory / "engine.sock"
    if len(os.fsencode(usual)) <= SOCKET_LIMIT:
        return usual
    return _temporary(environ) / f"{_digest(str(directory))}.sock"


def _digest(text: str) -> str:
    return f"{zlib.crc32(os.fsencode(text)):08x}{zlib.adler32(os.fsencode(text)):08x}"


def _is_ours_to_make(directory: Path) -> bool:
    return directory.name in ("runspect", f"runspect-{os.getuid()}")


def _may_use(directory: Path) -> bool:
    """Whether a directory in a place where all users may write is ours, or not there yet."""
    try:
        found = directory.lstat()
    except OSError:
        return True
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _make_private(directory: Path) -> None:
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise EngineError(f"{directory} is no directory or is a link; remove it or set RUNSPECT_HOME")
    if found.st_uid != os.getuid():
        raise EngineError(f"{directory} belongs to another user; set RUNSPECT_HOME to a directory of your own")
    if stat.S_IMODE(found.st_mode) & 0o077:
        try:
            directory.chmod(0o700)
        except OSError as error:
            if error.errno != errno.EPERM:
                raise
            raise EngineError(f"{directory} is open to other users and cannot be closed to them") from error
