"""What is laid over a machine's root before it boots: a tar of files, made from directories, texts and programs."""

import io
import os
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
GUEST = os.path.join(HERE, "guest")
FIRST = os.path.join(HERE, "../Lab")

# The kernel and its messages are the machine's own, unlike a lab's; and everything takes its time.
SETTINGS = {
    "etc/culprit/culprit.yaml": "incidents: { settle: 15s }\n",
    "etc/systemd/system/culprit.service.d/a-machine.conf": "[Service]\nWatchdogSec=5min\n",
    "etc/systemd/journald.conf.d/zz-machine.conf": "[Journal]\nReadKMsg=yes\n",
    "etc/systemd/system.conf.d/zz-machine.conf": "[Manager]\nDefaultTimeoutStartSec=90\n",
}


class Parcel:
    """Starts with what every machine has: the collector's program, and the unit that runs `command` (shell) for at most
    `limit` seconds."""

    def __init__(self, culprit, command, limit):
        self.bytes = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.bytes, mode="w", format=tarfile.GNU_FORMAT)
        self.add_text("machine/command", f"export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n{command}\n")
        self.add_text("machine/limit", f"{limit}\n")
        self.add(os.path.join(GUEST, "run"), "machine/run")
        self.add(os.path.join(GUEST, "command.service"), "etc/systemd/system/command.service")
        self.add_link("etc/systemd/system/multi-user.target.wants/command.service", "../command.service")
        for name, text in SETTINGS.items():
            self.add_text(name, text)
        self.add(culprit, "usr/local/bin/culprit")

    def add(self, path, name, as_is=False):
        """A file or a whole directory; root's, unless it is taken as it is."""
        self.tar.add(path, name, filter=None if as_is else self.of_root)

    @staticmethod
    def of_root(member):
        if os.path.basename(member.name) in ("__pycache__", "Recordings"):
            return None
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        return member

    def add_text(self, name, text, mode=0o644):
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(text.encode()), mode
        self.tar.addfile(member, io.BytesIO(text.encode()))

    def add_link(self, name, target):
        member = tarfile.TarInfo(name)
        member.type, member.linkname = tarfile.SYMTYPE, target
        self.tar.addfile(member)

    def finish(self):
        self.tar.close()
        return self.bytes.getvalue()
