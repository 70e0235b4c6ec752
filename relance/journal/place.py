"""Where a journal should not lie: folders that another machine changes too, and disks at the end of a network."""

from pathlib import Path

_SYNCED = (
    "dropbox",
    "onedrive",
    "google drive",
    "googledrive",
    "mobile documents",  # iCloud Drive on a Mac
    "icloud",
    "nextcloud",
    "owncloud",
    "kdrive",
    "pcloud",
    "synologydrive",
    "mega",
    "seafile",
    "hubic",
)
_NETWORK = frozenset(
    "nfs nfs4 cifs smb3 smbfs afs 9p ceph glusterfs davfs fuse.sshfs fuse.rclone fuse.davfs2 fuse.gvfsd-fuse".split()
)
MOUNTS = Path("/proc/self/mounts")


def risky_place(journal: Path) -> str:
    """The name of the synchronised folder or the kind of network disk that it lies on, empty where there is none.

    SQLite's locks do not hold there, and a copy that another machine puts in its place forgets what left.
    """
    path = journal.absolute().resolve()
    for part in path.parts[:-1]:
        folded = part.casefold()
        if any(folded == name or folded.startswith((f"{name} ", f"{name}-")) for name in _SYNCED):
            return part
    return _network_disk(path)


def _network_disk(path: Path) -> str:
    """The file system of the nearest mount point above the path, where it is one of a network (Linux)."""
    try:
        mounts = [line.split() for line in MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    above = [(len(where), kind) for _, where, kind, *_ in mounts if path.is_relative_to(where.replace("\\040", " "))]
    kind = max(above, default=(0, ""))[1]
    return kind if kind in _NETWORK else ""
