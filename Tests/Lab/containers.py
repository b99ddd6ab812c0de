"""The root of labs with container engines: a copy of every lab's root with Docker and Podman, made once where it is wanted."""

import fcntl
import hashlib
import io
import os
import shutil
import tarfile

import root
from bounded import run

PACKAGES = ("docker.io", "podman", "busybox-static")
MASKED = ("docker.socket", "podman.service", "podman.socket", "podman-restart.service", "podman-auto-update.timer")

# Docker without what the kernel's host keeps for itself: forwarding, packet filters, a bridge.
DOCKER = """\
[Unit]
After=containerd.service culprit.service
Wants=containerd.service
Before=lab-gate.service

[Service]
Type=notify
ExecStart=/usr/sbin/dockerd -H unix:///run/docker.sock --containerd=/run/containerd/containerd.sock \
  --ip-forward=false --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs
"""

PODMAN = {
    "etc/containers/containers.conf": '[containers]\ndefault_sysctls = []\npids_limit = 0\n[engine]\nruntime = "runc"\n',
    "etc/containers/storage.conf": '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\n'
                                   'graphroot = "/var/lib/containers/storage"\n',
}


def path_on(base):
    with open(__file__, "rb") as file:
        key = hashlib.sha256(file.read() + os.path.basename(base).encode()).hexdigest()[:12]
    return os.path.join(root.CACHE, f"containers-{key}")


def ready(base, say=print):
    """The path of the root; makes it from `base` where it is not there yet, one maker at a time."""
    path = path_on(base)
    with open(os.path.join(root.CACHE, "containers.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(path):
            say(f"making the root with container engines at {path} (once, about a minute)")
            make(base, path)
    return path


def make(base, path):
    unfinished = path + ".new"
    shutil.rmtree(unfinished, ignore_errors=True)
    run("cp", "-a", base, unfinished, patience=200)
    environment = os.environ | root.mirror()[1] | {"DEBIAN_FRONTEND": "noninteractive"}
    with open(os.path.join(unfinished, "usr/sbin/policy-rc.d"), "w", encoding="utf-8") as policy:
        policy.write("#!/bin/sh\nexit 101\n")
        os.fchmod(policy.fileno(), 0o755)
    shutil.copy("/etc/resolv.conf", os.path.join(unfinished, "etc/resolv.conf"))
    os.makedirs(os.path.join(unfinished, "var/lib/apt/lists/partial"), exist_ok=True)
    os.makedirs(os.path.join(unfinished, "var/cache/apt/archives/partial"), exist_ok=True)
    install = (
        'mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && chroot "$0" apt-get -q update && '
        'exec chroot "$0" apt-get -q install -y --no-install-recommends "$@"')
    words = ("unshare", "--mount", "--propagation", "private", "sh", "-c", install, unfinished, *PACKAGES)
    run(*words, patience=400, env=environment)
    for each in ("etc/resolv.conf", "usr/sbin/policy-rc.d"):
        os.remove(os.path.join(unfinished, each))
    for each in ("var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(os.path.join(unfinished, each), ignore_errors=True)
    for unit in MASKED:
        mask = os.path.join(unfinished, "etc/systemd/system", unit)
        if not os.path.lexists(mask):
            os.symlink("/dev/null", mask)
    for old in os.listdir(root.CACHE):
        if old.startswith("containers-") and not root.in_use(os.path.join(root.CACHE, old)):
            shutil.rmtree(os.path.join(root.CACHE, old), ignore_errors=True)
    os.rename(unfinished, path)


def image(base):
    """A small image's files as a tar: busybox, and a few of its names."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(os.path.join(base, "bin/busybox"), "bin/busybox")
        for name in ("sh", "sleep", "kill"):
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    return packed.getvalue()


def stage(scene):
    """Both engines, and the image where they can import it: /lab/box.tar."""
    scene.system_unit("docker.service", DOCKER)
    for name, text in PODMAN.items():
        scene.lab.write(name, text)
    with open(scene.at("box.tar"), "wb") as file:
        file.write(image(scene.lab.root))
