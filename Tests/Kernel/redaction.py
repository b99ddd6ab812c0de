"""Secrets in argv, in a path and in a marker: none of their bytes is in the recording or in anything printed."""

import secrets
import string

from replay import READERS
from tally import Difference
from tools import read


def secret(prefix=""):
    return prefix + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(36))


def nowhere(tools, tally):
    places = ("option", "word after an option", "assignment", "URL", "back-filled", "token", "marker")
    hidden = {name: secret("ghp_" if name in ("token", "marker") else "") for name in places}
    shown = secret()  # what is no secret must be there, or the search would find nothing of anything
    out = tools.path("redaction.culprit")
    words = [
        f"--token={hidden['option']}", "--password", hidden["word after an option"], f"API_KEY={hidden['assignment']}",
        f"https://user:{hidden['URL']}@example.org/", hidden["token"], f"--colour={shown}",
    ]
    script = 'exec -a victim-secret sleep "$@" 2>/dev/null'
    backfilled = ["sh", "-c", "sleep 100; :", f"--secret={hidden['back-filled']}"]
    with tools.background(*backfilled) as old, tools.recorder(out):
        tools.run("bash", "-c", script, "bash", *words, environment={"AI_AGENT": hidden["marker"]})
        old.kill()
        old.wait()
    outputs = {"the recording": read(out)}
    for reader in READERS:
        done = tools.run(tools.culprit, *reader, "--from", out)
        outputs[" ".join(reader)] = done.stdout + done.stderr
    found = Difference()
    for name, value in hidden.items():
        for place, content in outputs.items():
            # A piece of it is as bad as the whole.
            found.require(value[-20:].encode() not in content, f"the secret of the {name} is in {place}")
    for place in ("the recording", "live --format json"):
        found.require(shown.encode() in outputs[place], f"what is no secret is not in {place}")
        found.require(b"[redacted]" in outputs[place], f"nothing was redacted in {place}")
    tally.check("redaction: no secret in the recording or in any output", found)
