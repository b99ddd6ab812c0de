"""One lab: a real systemd as pid 1 of its own namespaces, on an overlay of the cached root, in its own cgroup."""

import contextlib
import fcntl
import itertools
import os
import shutil
import signal
import subprocess

from bounded import Broken, Hangs, run, wait_until
from root import CACHE

HERE = os.path.dirname(os.path.abspath(__file__))
LABS = os.path.join(CACHE, "labs")
PREFIX = "culprit-lab."
NUMBERS = itertools.count()
NAMESPACES = ["--mount", "--pid", "--fork", "--kill-child", "--cgroup", "--uts", "--ipc", "--net"]


def unified():
    """Where the unified cgroup tree is mounted."""
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        for line in mounts:
            _, point, kind, *_ = line.split()
            if kind == "cgroup2":
                return point
    raise Broken("no cgroup2 is mounted here")


def own_memory_group():
    """This process's directory in the hierarchy of cgroup version 1's memory controller; None where there is none."""
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        points = [point for _, point, kind, options, *_ in map(str.split, mounts)
                  if kind == "cgroup" and "memory" in options.split(",")]
    with open("/proc/self/cgroup", encoding="utf-8") as groups:
        paths = [path for _, names, path in (line.rstrip("\n").split(":", 2) for line in groups) if names == "memory"]
    return os.path.join(points[0], paths[0].lstrip("/")) if points and paths else None


class Staging:
    """What is there before a boot, all under `work`: `files` (a layer on the root) and `stage` (/lab inside, open to
    everybody)."""

    def __init__(self, work, root, culprit):
        self.work, self.root, self.culprit = work, root, os.path.abspath(culprit)
        for part in ("files", "stage"):
            os.makedirs(self.path(part))
        for part in ("usr/local/bin", "lab", "var/lib/culprit"):
            os.makedirs(self.path("files", part))
        os.chmod(self.path("stage"), 0o777)

    def path(self, *parts):
        return os.path.join(self.work, *parts)

    def write(self, name, text, mode=0o644, uid=0):
        """A file of the lab's root, given before it boots; directories made for it belong to `uid` as well."""
        target = self.path("files", name.lstrip("/"))
        self.make_directories(os.path.dirname(target), uid)
        with open(target, "w" if isinstance(text, str) else "wb") as file:
            file.write(text)
        os.chmod(target, mode)
        os.chown(target, uid, uid)
        return target

    def link(self, name, destination, uid=0):
        target = self.path("files", name.lstrip("/"))
        self.make_directories(os.path.dirname(target), uid)
        os.symlink(destination, target)
        os.chown(target, uid, uid, follow_symlinks=False)

    def make_directories(self, path, uid):
        if os.path.isdir(path):
            return
        self.make_directories(os.path.dirname(path), uid)
        os.mkdir(path, 0o755)
        below = os.path.relpath(path, self.path("files"))
        if below == "root":
            os.chmod(path, 0o700)
        elif below.count("/") and below.startswith("home/"):  # a home or what is in it
            os.chown(path, uid, uid)


class Lab(Staging):
    """One that boots here. `work` also has `state` (the collector's) and `journal`."""

    def __init__(self, name, root, culprit):
        self.name = f"{name}.{os.getpid()}.{next(NUMBERS)}"
        super().__init__(os.path.join(LABS, self.name), root, culprit)
        self.cgroup = os.path.join(unified(), PREFIX + self.name)
        for part in ("layer", "root", "journal", "state"):
            os.makedirs(self.path(part))
        self.libraries = foreign_libraries(self.culprit, root)
        for name in self.libraries:
            os.makedirs(self.path("files", name.lstrip("/")), exist_ok=True)
        open(self.path("files/usr/local/bin/culprit"), "w", encoding="utf-8").close()  # what it is mounted on
        self.memory = None
        self.lock = lock(self.work)
        self.entry = self.pid = None

    def make_memory_group(self, mebibytes):
        """A memory cgroup for some of its processes, below this process's own, with that limit: /lab/memory inside."""
        self.memory = os.path.join(own_memory_group(), PREFIX + self.name)
        os.mkdir(self.memory)
        with open(os.path.join(self.memory, "memory.limit_in_bytes"), "w", encoding="utf-8") as file:
            file.write(str(mebibytes << 20))
        os.symlink(self.memory, self.path("memory"))
        os.mkdir(self.path("stage", "memory"))

    def boot(self):
        """Starts its systemd; what happens inside from here on is seen in its files only."""
        os.mkdir(self.cgroup)
        words = [os.path.join(HERE, "enter.sh"), self.work, self.root, self.culprit, *self.libraries]
        script = 'echo $$ >"$0/cgroup.procs" && exec unshare "$@"'
        command = ["sh", "-c", script, self.cgroup, *NAMESPACES, "--propagation", "private", *words]
        with open(self.path("boot.log"), "w", encoding="utf-8") as log:
            self.entry = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.pid = wait_until("the lab's pid 1", self.first_process)

    def first_process(self):
        if self.entry.poll() is not None:
            with open(self.path("boot.log"), encoding="utf-8", errors="replace") as log:
                raise Broken(f"the lab does not start: {log.read()[-1000:]}")
        with contextlib.suppress(OSError):
            with open(f"/proc/{self.entry.pid}/task/{self.entry.pid}/children", encoding="utf-8") as children:
                for pid in children.read().split():
                    if os.readlink(f"/proc/{pid}/exe").endswith("/systemd"):
                        return int(pid)
        return None

    def is_running(self):
        return self.entry is not None and self.entry.poll() is None

    def inside(self, *words, **options):
        """A command in the lab's namespaces. It descends from the runner, so no act of a scenario is done by it."""
        environment = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        return run("nsenter", "-t", str(self.pid), "-a", "--", *words, env=environment, **options)

    def end(self):
        """Kills all of it and removes every trace. Its mounts go with its namespace."""
        if self.pid is not None and self.is_running():
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
        kill_cgroup(self.cgroup)
        if self.entry is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.entry.wait(10)
        remove(self.work, self.cgroup, self.memory)
        self.lock.close()


def foreign_libraries(program, root):
    """Directories of the host with libraries that the root does not have: Swift's, where a debug build wants them."""
    found = set()
    for line in run("ldd", program).splitlines():
        path = line.partition("=> ")[2].split(" ")[0]
        if "not found" in line:
            raise Broken(f"{program}: {line.strip()}")
        if path.startswith("/") and not os.path.exists(os.path.join(root, path[1:])):
            found.add(os.path.dirname(path))
    shared = [path for path in found if os.path.exists(os.path.join(root, path[1:]))]
    if shared:
        raise Broken(f"the lab's root lacks a library of {program}: {' '.join(shared)} (Tests/Lab/root.py, PACKAGES)")
    return sorted(found)


def lock(work):
    """Held as long as its runner lives, so that others know it is not theirs to sweep."""
    file = open(os.path.join(work, "lock"), "w", encoding="utf-8")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def sweep():
    """Ends what a runner left that did not come to its end, and nothing of a runner that lives."""
    os.makedirs(LABS, exist_ok=True)
    for name in os.listdir(LABS):
        work = os.path.join(LABS, name)
        try:
            lock(work).close()
        except BlockingIOError:
            continue
        except OSError:
            pass
        cgroup = os.path.join(unified(), PREFIX + name)
        kill_cgroup(cgroup)
        memory = own_memory_group()
        remove(work, cgroup, memory and os.path.join(memory, PREFIX + name))


def is_removed(group):
    """Its last processes may still be on their way out."""
    with contextlib.suppress(OSError):
        os.rmdir(group)
    return not os.path.isdir(group)


def kill_cgroup(path):
    if not os.path.isdir(path):
        return
    with open(os.path.join(path, "cgroup.kill"), "w", encoding="utf-8") as file:
        file.write("1")

    def is_empty():
        with open(os.path.join(path, "cgroup.events"), encoding="utf-8") as file:
            return "populated 0" in file.read()

    with contextlib.suppress(Hangs):
        wait_until(f"{path} does not empty", is_empty, 10)


def remove(work, cgroup, memory):
    for directory, _, _ in os.walk(cgroup, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(directory)
    with contextlib.suppress(Hangs):
        wait_until(f"{memory} is in use", lambda: not memory or is_removed(memory), 10)
    shutil.rmtree(work, ignore_errors=True)
