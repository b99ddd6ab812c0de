"""The root of every lab: a small Debian 12 with systemd 252, made once by debootstrap and kept outside the checkout."""

import fcntl
import hashlib
import os
import re
import shutil
import time

from bounded import Broken, run

CACHE = os.environ.get("CULPRIT_LAB_CACHE", "/var/cache/culprit-lab")
SUITE = "bookworm"
ARCHIVE = "http://deb.debian.org/debian"  # where apt names no other
PACKAGES = (
    "systemd systemd-sysv dbus dbus-user-session libpam-systemd procps sudo python3 python3-jeepney python3-dbus iproute2 "
    "psmisc lsof tmux screen at libbpf1 libelf1 zlib1g libsqlite3-0 libsystemd0 libstdc++6"
).split()
USERS = {"dev": 1000, "kim": 1001, "op": 1002}  # dev lingers; kim does not; op is a person who runs the host

# They would act on the host's kernel, which the lab shares: sysctl, modules, clock, devices.
MASKED = (
    "systemd-sysctl.service systemd-modules-load.service systemd-timesyncd.service systemd-random-seed.service "
    "systemd-remount-fs.service systemd-pstore.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount "
    "sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount "
    "dev-hugepages.mount dev-mqueue.mount apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer "
    "e2scrub_reap.service fstrim.timer systemd-tmpfiles-clean.timer getty.target console-getty.service atd.service"
).split()

FILES = {
    "etc/hostname": "lab\n",
    "etc/hosts": "127.0.0.1 localhost lab\n",
    "etc/fstab": "",
    "etc/machine-id": "1ab0000000000000000000000000001a\n",
    "etc/sudoers.d/lab": "dev ALL=(ALL) NOPASSWD: ALL\nop ALL=(ALL) NOPASSWD: ALL\n",
    "etc/systemd/journald.conf.d/lab.conf": "[Journal]\nStorage=volatile\nRuntimeMaxUse=32M\nReadKMsg=no\n",
    "etc/systemd/logind.conf.d/lab.conf": "[Login]\nUserStopDelaySec=1\nNAutoVTs=0\nReserveVT=0\n",
    "etc/systemd/system.conf.d/lab.conf": "[Manager]\nDefaultTimeoutStopSec=10\nDefaultTimeoutStartSec=20\n",
    "etc/profile.d/lab.sh": "[ -r /lab/facts.sh ] && . /lab/facts.sh && fact leader $PPID && fact login $$\n",
    "var/lib/systemd/linger/dev": "",
}


def key():
    """Another list of packages or files is another root."""
    with open(__file__, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:12]


def ready(say=print):
    """The path of the root; makes it where it is not there yet, one maker at a time."""
    os.makedirs(CACHE, exist_ok=True)
    path = os.path.join(CACHE, f"root-{key()}")
    with open(os.path.join(CACHE, "root.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(path):
            say(f"making the lab's root at {path} (once, about a minute)")
            make(path)
    return path


def make(path):
    unfinished = path + ".new"
    shutil.rmtree(unfinished, ignore_errors=True)
    site, environment = mirror()
    words = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, unfinished, site]
    for attempts_left in (2, 1, 0):
        try:
            run(*words, patience=1200, env=os.environ | environment)
            break
        except Broken as error:
            if not attempts_left:
                log = os.path.join(unfinished, "debootstrap/debootstrap.log")
                raise Broken(f"{error} {last_lines(log)}") from error
            shutil.rmtree(unfinished, ignore_errors=True)
    furnish(unfinished)
    for old in os.listdir(CACHE):
        if old.startswith("root-") and not in_use(os.path.join(CACHE, old)):
            shutil.rmtree(os.path.join(CACHE, old), ignore_errors=True)
    os.rename(unfinished, path)


def in_use(path):
    """The one being made, and any younger than a day, on which a lab of another checkout may run."""
    return path.endswith(".new") or os.stat(path).st_mtime > time.time() - 86400


def mirror():
    """Where apt finds this suite or, on another Debian, its archive; and its proxy as an environment."""
    targets = run("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", check=False).splitlines()
    sites = [line.split()[0] for line in targets if re.search(r"/debian/? \w+$", line)]
    exact = [line.split()[0] for line in targets if line.endswith(f" {SUITE}")]
    usable = [site for site in exact + sites if site.startswith(("http:", "https:", "file:")) and "security" not in site]
    proxy = re.search(r"P='(.+)'", run("apt-config", "shell", "P", "Acquire::http::Proxy", check=False))
    return (usable or [ARCHIVE])[0], {"http_proxy": proxy[1]} if proxy else {}


def furnish(path):
    """Users, masks and settings that are the same in every lab."""
    for name, uid in USERS.items():
        run("chroot", path, "useradd", "-m", "-u", str(uid), "-s", "/bin/bash", name)
    for name, text in FILES.items():
        target = os.path.join(path, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)
    os.chmod(os.path.join(path, "etc/sudoers.d/lab"), 0o440)
    os.makedirs(os.path.join(path, "etc/systemd/system"), exist_ok=True)
    for unit in MASKED:
        mask = os.path.join(path, "etc/systemd/system", unit)
        if not os.path.lexists(mask):
            os.symlink("/dev/null", mask)
    shutil.rmtree(os.path.join(path, "var/cache/apt"), ignore_errors=True)
    shutil.rmtree(os.path.join(path, "var/lib/apt/lists"), ignore_errors=True)


def last_lines(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()[-1000:]
    except OSError:
        return ""
