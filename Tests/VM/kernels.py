"""Debian's cloud kernels for a series, such as 6.1: the newest that apt can get, unpacked and cached with an initramfs.

apt works on state of its own, so that the host's sources and lists are left alone."""

import fcntl
import os
import re
import shutil
import time

import initramfs
from bounded import Broken, Hangs, run
from root import ARCHIVE, CACHE, mirror

KERNELS = os.path.join(CACHE, "kernels")
SUITES = (  # where Debian keeps old kernels up to date, and new ones for a stable system
    ("-security", "bullseye-security"),
    ("-security", "bookworm-security"),
    ("", "trixie-backports"),
)
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
FRESH = 7 * 86400  # seconds for which what was unpacked is not asked for again
PACKAGE = r"linux-(?:image|binary)-({}[.+][^-]*(?:-[0-9][^-]*)?)-cloud-amd64(?:-unsigned)?"


class Kernel:
    """An unpacked kernel: `series` as asked for, `release` as `uname -r` says it."""

    def __init__(self, series, directory):
        self.series, self.directory = series, directory
        self.release = os.path.basename(directory)
        self.image = os.path.join(directory, "vmlinuz")
        self.initramfs = os.path.join(directory, f"initramfs-{initramfs.key()}.cpio.gz")

    @property
    def number(self):
        """(6, 1) of 6.1.0-56-cloud-amd64."""
        return tuple(int(part) for part in self.release.split(".")[:2])


def ready(series, say=print):
    """The newest kernel of that series, downloaded where there is none or an old one; one downloader at a time."""
    if not re.fullmatch(r"[0-9]+\.[0-9]+", series):
        raise Broken(f"{series} is no series of kernels, such as 6.1")
    os.makedirs(KERNELS, exist_ok=True)
    with open(os.path.join(KERNELS, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        cached = unpacked(series)
        if not cached or time.time() - os.stat(cached).st_mtime > FRESH:
            try:
                cached = download(series, say)
            except (Broken, Hangs) as error:
                if not cached:
                    raise
                say(f"{series}: {os.path.basename(cached)} is what there is: {error}")
        kernel = Kernel(series, cached)
        if not os.path.exists(kernel.initramfs):
            initramfs.make(kernel)
    return kernel


def order(release):
    """6.1.0-9 comes before 6.1.0-56."""
    return [int(number) for number in re.findall("[0-9]+", release)]


def unpacked(series):
    names = [name for name in os.listdir(KERNELS) if re.fullmatch(rf"{re.escape(series)}[.+].*-cloud-amd64", name)]
    return os.path.join(KERNELS, max(names, key=order)) if names else None


def download(series, say):
    """Newest first: a list may name what its archive has dropped already."""
    apt = Apt()
    names = apt.names()
    pattern = re.compile(PACKAGE.format(re.escape(series)))
    versions = sorted({match[1] for match in map(pattern.fullmatch, names) if match}, key=order, reverse=True)
    if not versions:
        raise Broken(f"no kernel {series} in {', '.join(suite for _, suite in SUITES)}")
    failed = []
    for version in versions[:3]:
        release = f"{version}-cloud-amd64"
        target = os.path.join(KERNELS, release)
        if os.path.isdir(target):
            os.utime(target)
            return target
        say(f"fetching Debian's kernel {release}")
        try:
            unpack(apt, packages(names, version), target)
            return target
        except (Broken, Hangs) as error:
            failed.append(str(error))
    raise Broken(failed[0])


def packages(names, version):
    """Image and modules, which newer kernels have in packages of their own; unsigned where there is no signed one."""
    found = []
    for part in ("image", "binary", "modules"):
        for name in (f"linux-{part}-{version}-cloud-amd64", f"linux-{part}-{version}-cloud-amd64-unsigned"):
            if name in names:
                found.append(name)
                break
    return found


def unpack(apt, wanted, target):
    unfinished = target + ".new"
    shutil.rmtree(unfinished, ignore_errors=True)
    os.makedirs(unfinished)
    apt.download(wanted, unfinished)
    for name in os.listdir(unfinished):
        if name.endswith(".deb"):
            run("dpkg-deb", "-x", os.path.join(unfinished, name), unfinished, patience=120)
            os.remove(os.path.join(unfinished, name))
    release = os.path.basename(target)
    images = [os.path.join(unfinished, place) for place in (f"boot/vmlinuz-{release}", f"usr/lib/modules/{release}/vmlinuz")]
    trees = [os.path.join(unfinished, place, release) for place in ("lib/modules", "usr/lib/modules")]
    image = next((path for path in images if os.path.exists(path)), None)
    tree = next((path for path in trees if os.path.isdir(os.path.join(path, "kernel"))), None)
    if not image or not tree:
        raise Broken(f"{' '.join(wanted)}: no {'image' if not image else 'modules'} in it")
    os.rename(image, os.path.join(unfinished, "vmlinuz"))
    os.rename(tree, os.path.join(unfinished, "modules"))
    for rest in ("boot", "lib", "usr", "etc"):
        shutil.rmtree(os.path.join(unfinished, rest), ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    os.rename(unfinished, target)


class Apt:
    """apt on lists of its own; only names and downloads are asked of it, nothing is installed."""

    def __init__(self):
        self.state = os.path.join(KERNELS, "apt")
        for part in ("lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(self.state, part), exist_ok=True)
        site = mirror()[0].rstrip("/")
        if not site.endswith("/debian"):
            site = ARCHIVE
        with open(os.path.join(self.state, "sources.list"), "w", encoding="utf-8") as sources:
            for suffix, suite in SUITES:
                sources.write(f"deb [arch=amd64 signed-by={KEYRING}] {site}{suffix} {suite} main\n")
        settings = {
            "Dir::Etc::sourcelist": os.path.join(self.state, "sources.list"), "Dir::Etc::sourceparts": "-",
            "Dir::State": self.state, "Dir::State::lists": os.path.join(self.state, "lists"),
            "Dir::State::status": "/dev/null", "Dir::Cache": os.path.join(self.state, "cache"),
            "APT::Architecture": "amd64", "APT::Architectures": "amd64", "Acquire::Languages": "none",
            "APT::Sandbox::User": "root", "Acquire::Retries": "2",
        }
        self.options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        run("apt-get", *self.options, "-qq", "update", patience=180)

    def names(self):
        return set(run("apt-cache", *self.options, "pkgnames", "linux-").split())

    def download(self, names, directory):
        run("apt-get", *self.options, "-qq", "download", *names, patience=400, cwd=directory)
