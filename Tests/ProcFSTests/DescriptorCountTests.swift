import EventModel
import Foundation
import Glibc
import Testing

@testable import ProcFS

@Suite struct DescriptorCountTests {
    /// What comes of it when time is always up, and how often it had to go on.
    private func finish(_ count: DescriptorCount?) throws -> (step: DescriptorCount.Step, pieces: Int) {
        let count = try #require(count)
        for pieces in 0..<10_000 {
            let step = count.go(until: .zero)
            if step != .unfinished { return (step, pieces) }
        }
        return (.unfinished, 10_000)
    }

    private func held(_ count: DescriptorCount?) throws -> ProcessHolding {
        let step = try finish(count).step
        guard case .held(let holding) = step else {
            Issue.record("\(step)")
            throw CancellationError()
        }
        return holding
    }

    /// A process whose links lead there, with what the kernel says of this one beside them.
    private func process(with targets: [String]) throws -> (folder: TemporaryFolder, files: ProcFS, key: ProcessKey) {
        let key = try #require(ProcFS().key(of: getpid()))
        let folder = try TemporaryFolder(["\(key.pid)/fd/"])
        for name in ["stat", "status"] {
            try folder.write(FileText.read("/proc/self/\(name)", limit: 64 * 1024) ?? [], to: "\(key.pid)/\(name)")
        }
        for (number, target) in targets.enumerated() {
            try #require(symlink(target, "\(folder.path)/\(key.pid)/fd/\(number)") == 0)
        }
        return (folder, ProcFS(root: folder.path, cgroups: nil), key)
    }

    private func sockets(_ count: Int) -> [String] { (0..<count).map { "socket:[\(7000 + $0)]" } }

    /// This process, which has more open than it opens here: other tests run beside this one.
    @Test func whatThisProcessOpens() throws {
        let folder = try TemporaryFolder()
        var opened: [Int32] = []
        defer { for descriptor in opened { close(descriptor) } }
        for number in 0..<25 {
            var ends: [Int32] = [-1, -1]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
            opened += ends
            try #require(pipe(&ends) == 0)
            opened += ends
            let path = "\(folder.path)/\(number)"
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            try #require(file >= 0)
            opened.append(file)
            if number < 10 { unlink(path) }
        }
        let key = try #require(ProcFS().key(of: getpid()))
        let holding = try held(DescriptorCount(of: key, in: ProcFS()))
        let found = holding.descriptors
        #expect(holding.process == key && holding.residentKiB > 1024)
        #expect(found.count >= 125 && found.sockets >= 50 && found.pipes >= 50 && found.files >= 25)
        #expect(found.deletedFiles >= 10 && !found.isCut)
        #expect(found.sockets + found.pipes + found.files <= found.count && found.deletedFiles <= found.files)
    }

    /// Links as `/proc/PID/fd` has them on Linux 6.18.
    @Test func eachKind() throws {
        let targets = [
            "socket:[81223]", "pipe:[81224]", "pipe:[81224]", "anon_inode:[eventpoll]", "anon_inode:inotify",
            "/dev/null", "/dev/pts/3", "/memfd:wayland-shm (deleted)", "/dmabuf:", "net:[4026531840]",
            "/var/lib/prod/data.db", "/var/lib/prod/data.db-wal (deleted)", "/dev/shm/cache", "/tmp/#1311 (deleted)",
        ]
        let (folder, files, key) = try process(with: targets)
        let found = try held(DescriptorCount(of: key, in: files)).descriptors
        #expect(found == OpenDescriptors(count: 14, sockets: 1, pipes: 2, files: 4, deletedFiles: 2))
        withExtendedLifetime(folder) {}
    }

    /// Exactly as many as may be counted are all; one more is said.
    @Test func noMoreThanTheCap() throws {
        let (folder, files, key) = try process(with: sockets(100))
        #expect(
            try held(DescriptorCount(of: key, in: files, most: 100)).descriptors
                == OpenDescriptors(count: 100, sockets: 100))
        #expect(
            try held(DescriptorCount(of: key, in: files, most: 99)).descriptors
                == OpenDescriptors(count: 99, sockets: 99, isCut: true))
        #expect(
            try held(DescriptorCount(of: key, in: files, most: 0)).descriptors == OpenDescriptors(isCut: true))
        withExtendedLifetime(folder) {}
    }

    @Test func goesOnWhereItStopped() throws {
        let (folder, files, key) = try process(with: sockets(200))
        let (step, pieces) = try finish(DescriptorCount(of: key, in: files))
        guard case .held(let holding) = step else { throw CancellationError() }
        #expect(pieces == 6 && holding.descriptors.count == 200)
        let end = ProcFS.boottimeNow() + .seconds(60)
        #expect(DescriptorCount(of: key, in: files)?.go(until: end) == step)
        withExtendedLifetime(folder) {}
    }

    @Test func aLaterHolderOfThePidIsNotMeant() throws {
        var other = try #require(ProcFS().key(of: getpid()))
        other.start = BootTime(nanoseconds: other.start.nanoseconds + 50_000_000)
        #expect(try finish(DescriptorCount(of: other, in: ProcFS())).step == .gone)
        #expect(DescriptorCount(of: ProcessKey(pid: 0x3fff_fff0, start: .zero), in: ProcFS()) == nil)
    }

    /// What has ended has nothing open any more, which is not what it held.
    @Test func whatHasEndedHoldsNothing() throws {
        let child = try Child("/bin/cat", ["cat"])
        let key = try #require(ProcFS().key(of: child.pid))
        let count = try #require(DescriptorCount(of: key, in: ProcFS()))
        child.closeInput()
        child.awaitEnd()
        // A zombie is still there.
        if let zombie = DescriptorCount(of: key, in: ProcFS()) { #expect(try finish(zombie).step == .gone) }
        child.reap()
        #expect(try finish(count).step == .gone)
    }

    @Test func whateverTheLinkIs() {
        let target = "/dev/shm/socket:[pipe:[memfd:x (deleted)"
        everyDamage(of: target.bytes) { bytes in
            var found = OpenDescriptors()
            bytes.withUnsafeBytes { found.add(target: $0) }
            #expect(found.count == 1 && found.sockets + found.pipes + found.files <= 1)
            #expect(found.deletedFiles <= found.files)
        }
    }

    @Test func membersOfACgroup() {
        #expect(CgroupControllers.pids("17\n0\n4242\n99999999999\n-3\nx\n12".bytes) == [17, 4242])
        #expect(CgroupControllers.pids("".bytes).isEmpty && CgroupControllers.pids("12".bytes).isEmpty)
        everyDamage(of: "17\n0\n4242\n".bytes) { #expect(!CgroupControllers.pids($0).contains { $0 <= 0 }) }
    }
}
