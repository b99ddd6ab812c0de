"""One boot of a small machine: a kernel, Debian's root as its disk, a command in, its results out.

QEMU without acceleration: slow, and the same everywhere. What the rig itself breaks is tried again, and kept apart from
what the command does."""

import contextlib
import fcntl
import io
import itertools
import os
import re
import shutil
import subprocess
import tarfile

import root
from bounded import Hangs, run, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
MACHINES = os.path.join(root.CACHE, "machines")
NUMBERS = itertools.count()
QEMU = "qemu-system-x86_64"
BLOCK = 64 * 1024
MEMORY = 1024  # MiB; to fill it takes its time
DISK = 2048  # MiB of the root, most of them a hole
RESULTS = 512  # MiB at most
BOOTS = 3  # starts at most, until one comes up
AWAKE = 240  # seconds from the start to `machine: up`; 5 are usual, and 60 on a busy host
SLACK = 60  # seconds that a machine has beyond its command's limit
# `thread=multi` crashes now and then in the kernel's patching of itself, and microvm hangs.
OPTIONS = (
    f"-M q35 -accel tcg,thread=single -cpu max,la57=off -smp 2 -m {MEMORY} -no-user-config -nodefaults -display none "
    "-no-reboot"
).split()
KERNEL_LINE = (
    "console=ttyS0 quiet panic=-1 oops=panic mitigations=off tsc=reliable no_timer_check random.trust_cpu=1 "
    "cryptomgr.notests nokaslr audit=0 cgroup_no_v1=all psi=1 systemd.unified_cgroup_hierarchy=1"
)


class Rig(Exception):
    """The machine did not come up, or was lost in silence: nothing is known of what was to be tested."""


class Died(Exception):
    """The kernel went down while the command ran."""


class Results:
    """What a command left: its exit status (124: it took too long), and every file of its `out`."""

    def __init__(self, files, console, boots):
        self.files, self.console, self.boots = files, console, boots
        self.status = int(self.text("status") or -1)

    def text(self, name):
        return self.files.get(name, b"").decode("utf-8", "replace")

    def save(self, directory):
        for name, data in self.files.items() | {("console", self.console.encode())}:
            path = os.path.join(directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)


def disk_image(base, say=print):
    """The lab's root as ext4, made once for each root."""
    path = os.path.join(MACHINES, f"{os.path.basename(base)}.ext4")
    os.makedirs(MACHINES, exist_ok=True)
    with open(os.path.join(MACHINES, "image.lock"), "w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not os.path.exists(path):
            say(f"making the machine's disk at {path}")
            for old in os.listdir(MACHINES):
                if ".ext4" in old:
                    os.remove(os.path.join(MACHINES, old))
            words = ["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", base, path + ".new", f"{DISK}M"]
            run(*words, patience=180)
            os.rename(path + ".new", path)
    return path


class Machine:
    """`parcel` is a tar (bytes) of what is laid over the root before the boot."""

    def __init__(self, kernel, disk, parcel):
        self.kernel, self.disk = kernel, disk
        self.work = os.path.join(MACHINES, f"run.{os.getpid()}.{next(NUMBERS)}")
        os.makedirs(self.work)
        self.lock = open(os.path.join(self.work, "lock"), "w", encoding="utf-8")
        fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.qemu = None
        with open(self.path("in"), "wb") as file:
            blocks = -(-len(parcel) // BLOCK)
            file.write(f"culprit-machine {blocks} \n".encode().ljust(BLOCK, b"\0"))
            file.write(parcel.ljust(blocks * BLOCK, b"\0"))

    def path(self, name):
        return os.path.join(self.work, name)

    def run(self, limit):
        """Boots until it comes up, and gives the command `limit` seconds."""
        try:
            boots = self.boot()
            wait_until("the machine does not end", self.has_ended, limit + SLACK, pause=0.2)
        except Hangs as error:
            raise Died(f"{error}: {self.last_words()}") from error
        finally:
            self.stop()
        return Results(self.results(), self.console(), boots)

    def boot(self):
        """How many starts it took."""
        for attempt in range(1, BOOTS + 1):
            self.start()
            try:
                self.await_up()
                break
            except Rig:
                self.stop()
                if attempt == BOOTS:
                    raise
        return attempt

    def start(self):
        for name, size in (("out", (RESULTS << 20)), ("console", 0)):
            with open(self.path(name), "wb") as file:
                file.truncate(size)
        disks = ((self.disk, "snapshot=on"), (self.path("in"), "readonly=on"), (self.path("out"), "cache=unsafe"))
        words = [*OPTIONS, "-kernel", self.kernel.image, "-initrd", self.kernel.initramfs, "-append", KERNEL_LINE]
        words += ["-serial", f"file:{self.path('console')}"]
        for number, (path, option) in enumerate(disks):
            words += ["-drive", f"file={path},format=raw,if=none,id=disk{number},{option}"]
            words += ["-device", f"virtio-blk-pci,drive=disk{number}"]
        with open(self.path("qemu.log"), "wb") as log:
            # It goes when the runner goes, however that is.
            self.qemu = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", QEMU, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=os.environ | {"TMPDIR": self.work}, start_new_session=True)

    def has_ended(self):
        return self.qemu.poll() is not None

    def is_up(self):
        return "machine: up" in self.console()

    def await_up(self):
        try:
            wait_until("the machine does not come up", lambda: self.is_up() or self.has_ended(), AWAKE, pause=0.2)
        except Hangs as error:
            raise Rig(f"{error}: {self.last_words()}") from error
        if not self.is_up():
            raise Rig(f"the machine ended before it was up: {self.last_words()}")

    def console(self):
        with open(self.path("console"), "rb") as file:
            return file.read().decode("utf-8", "replace").replace("\r", "")

    def last_words(self):
        with open(self.path("qemu.log"), encoding="utf-8", errors="replace") as log:
            return (log.read()[-500:] + self.console()[-1500:]).strip()

    def results(self):
        with open(self.path("out"), "rb") as file:
            header = re.match(rb"culprit-machine (\d+)\n", file.read(64))
            if not header:
                raise Died(f"the machine ended without results: {self.last_words()}")
            file.seek(BLOCK)
            archive = io.BytesIO(file.read(int(header[1])))
        with tarfile.open(fileobj=archive) as tar:
            members = [member for member in tar if member.isfile()]
            return {os.path.normpath(member.name): tar.extractfile(member).read() for member in members}

    def stop(self):
        if self.qemu and self.qemu.poll() is None:
            self.qemu.kill()
            self.qemu.wait()

    def end(self):
        self.stop()
        shutil.rmtree(self.work, ignore_errors=True)
        self.lock.close()


def sweep():
    """Removes what runners left that did not come to their end; their machines went with them."""
    os.makedirs(MACHINES, exist_ok=True)
    for name in os.listdir(MACHINES):
        if name.startswith("run."):
            with contextlib.suppress(OSError), open(os.path.join(MACHINES, name, "lock"), "w", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(os.path.join(MACHINES, name), ignore_errors=True)
