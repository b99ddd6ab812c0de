"""The first file system of the machine: busybox, the modules that its disks and its root want, and guest/init."""

import gzip
import hashlib
import lzma
import os
import re
import stat

from bounded import Broken

HERE = os.path.dirname(os.path.abspath(__file__))
BUSYBOX = "/bin/busybox"
# What the kernels may have as a module and the machine uses. crc32c and its like are asked for by name, not by symbol.
MODULES = (
    "virtio_pci virtio_blk crc32c_generic crc32c_intel crc32c-cryptoapi ext4 overlay unix_diag inet_diag tcp_diag "
    "virtio_rng virtio_console"
).split()
NODES = {"dev/console": (5, 1), "dev/null": (1, 3)}


def key():
    """Another list of modules or another init is another file."""
    digest = hashlib.sha256()
    for path in (__file__, os.path.join(HERE, "guest/init")):
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:12]


def make(kernel):
    if not os.path.exists(BUSYBOX):
        raise Broken(f"{BUSYBOX} is missing (apt-get install busybox-static)")
    archive = Archive()
    for directory in ("bin", "dev", "proc", "sys", "modules", "machine"):
        archive.add(directory, stat.S_IFDIR | 0o755)
    for name, numbers in NODES.items():
        archive.add(name, stat.S_IFCHR | 0o600, numbers=numbers)
    archive.add_file("bin/busybox", BUSYBOX)
    archive.add_file("init", os.path.join(HERE, "guest/init"))
    for number, (name, data) in enumerate(load_order(kernel.directory)):
        archive.add(f"modules/{number:02}-{name}.ko", stat.S_IFREG | 0o644, data)
    for old in os.listdir(kernel.directory):
        if old.startswith("initramfs-"):
            os.remove(os.path.join(kernel.directory, old))
    with open(kernel.initramfs + ".new", "wb") as file:
        file.write(gzip.compress(archive.finish(), 6, mtime=0))
    os.rename(kernel.initramfs + ".new", kernel.initramfs)


def load_order(directory):
    """(name, bytes) of the wanted modules, each after what it depends on. What is none is in the kernel itself."""
    paths = {}
    for place, _, names in os.walk(os.path.join(directory, "modules")):
        for name in names:
            if ".ko" in name:
                paths[plain(name.partition(".")[0])] = os.path.join(place, name)
    wanted = {}

    def want(name):
        if name in wanted or name not in paths:
            return
        data = unpacked(paths[name])
        depends = re.search(rb"\0depends=([^\0]*)\0", data)
        for other in depends[1].decode().split(",") if depends else []:
            want(plain(other))
        wanted[name] = data

    for name in MODULES:
        want(plain(name))
    return list(wanted.items())


def plain(name):
    return name.replace("-", "_")


def unpacked(path):
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".xz"):
        return lzma.decompress(data)
    if not path.endswith(".ko"):
        raise Broken(f"{path}: packed in a way that is not known here")
    return data


class Archive:
    """cpio in the kernel's format (newc)."""

    def __init__(self):
        self.pieces, self.count = [], 0

    def add(self, name, mode, data=b"", numbers=(0, 0)):
        self.count += 1
        path = name.encode() + b"\0"
        fields = [self.count, mode, 0, 0, 1, 0, len(data), 0, 0, *numbers, len(path), 0]
        header = b"070701" + b"".join(b"%08x" % field for field in fields)
        self.pieces += [header + path, b"\0" * (-(len(header) + len(path)) % 4), data, b"\0" * (-len(data) % 4)]

    def add_file(self, name, source):
        with open(source, "rb") as file:
            self.add(name, stat.S_IFREG | 0o755, file.read())

    def finish(self):
        self.add("TRAILER!!!", 0)
        return b"".join(self.pieces)
