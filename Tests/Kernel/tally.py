"""What was checked: passed, failed, skipped, and how many facts were compared."""

TEXT_MAX = 500
SHOWN = 12  # differences printed of one check; the rest are counted


class Difference(list):
    """What a comparison found wrong, one text each, and how many facts it looked at."""

    def __init__(self):
        super().__init__()
        self.compared = 0

    def expect(self, subject, name, expected, seen):
        """One fact: notes it where `seen` is not what was `expected`."""
        self.compared += 1
        if expected != seen:
            self.append(f"{subject}: {name} is {seen!r}, truth is {expected!r}")

    def require(self, holds, text):
        self.compared += 1
        if not holds:
            self.append(text)

    def extend_from(self, other):
        self.extend(other)
        self.compared += other.compared


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = self.facts = 0

    def check(self, name, difference):
        self.facts += difference.compared
        if not difference.compared:
            difference.append("nothing was compared")
        verdict = "FAILED" if difference else "ok"
        print(f"{verdict:6} {name} ({difference.compared} facts)", flush=True)
        for text in difference[:SHOWN]:
            print(f"       {text[:TEXT_MAX]}")
        if len(difference) > SHOWN:
            print(f"       and {len(difference) - SHOWN} more")
        if difference:
            self.failed += 1
        else:
            self.passed += 1

    def fails_as_it_should(self, name, wrong, right):
        """For the tests of the tests: the comparison finds something in `wrong` and nothing in `right`."""
        found = Difference()
        found.require(bool(wrong), "a corrupted fact was not noticed")
        found.require(not right, f"it fails uncorrupted, too: {right[:1]}")
        self.check(f"self-test: {name}", found)

    def skip(self, name, why):
        self.skipped += 1
        print(f"skip   {name}: {why}", flush=True)

    def note(self, text):
        print(f"       {text}", flush=True)

    def summary(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
