import Glibc
import Testing

@testable import ProcFS

@Suite struct OwnCgroupTests {
    private func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

    @Test func thePathIsTheUnifiedOne() {
        let own = OwnCgroup(cgroup: bytes("4:memory:/a\n1:name=systemd:/b\n0::/agents.slice/x.scope\n"), mountinfo: [])
        #expect(own?.path == "/agents.slice/x.scope")
        #expect(OwnCgroup(cgroup: bytes("1:name=systemd:/b\n"), mountinfo: [])?.path == "/b")
        #expect(OwnCgroup(cgroup: bytes("nothing\n::\n\n"), mountinfo: []) == nil)
    }

    @Test func aFileOfEitherVersionIsFound() throws {
        let top = "/tmp/culprit-cgroup-\(getpid())"
        for path in [top, "\(top)/memory", "\(top)/memory/in", "\(top)/unified", "\(top)/unified/u"] {
            mkdir(path, 0o700)
        }
        defer { for part in ["memory/in/memory.limit_in_bytes", "unified/u/pids.max"] { unlink("\(top)/\(part)") } }
        for (part, text) in [("memory/in/memory.limit_in_bytes", "4096\n"), ("unified/u/pids.max", "max\n")] {
            let file = open("\(top)/\(part)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            _ = write(file, text, text.utf8.count)
            close(file)
        }
        let own = try #require(
            OwnCgroup(
                cgroup: bytes("4:cpu,memory:/outer/in\n0::/u\n"),
                mountinfo: bytes(
                    "30 1 0:1 /outer \(top)/memory rw - cgroup cgroup rw,cpu,memory\n"
                        + "31 1 0:2 / \(top)/unified rw - cgroup2 cgroup rw\nshort line\n")))
        let memory = own.value(of: "memory.max", controller: "memory", before: "memory.limit_in_bytes")
        #expect(memory?.text == "4096" && memory?.isUnified == false)
        let processes = own.value(of: "pids.max", controller: "pids", before: "pids.max")
        #expect(processes?.text == "max" && processes?.isUnified == true)
        #expect(own.value(of: "io.max", controller: "blkio", before: "x") == nil)
    }
}
