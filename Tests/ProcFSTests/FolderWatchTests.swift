import EventModel
import Foundation
import Glibc
import Testing

@testable import ProcFS

/// Against the kernel's own fanotify; and its notices, cut and changed.
@Suite struct FolderWatchTests {
    static let refusal: String? = {
        do throws(SystemCallError) {
            let watch = try FolderWatch()
            try watch.watch(NSTemporaryDirectory())
            return nil
        } catch {
            return "\(error.call) \(error.object): errno \(error.errno)"
        }
    }()
    static let note: Comment = "fanotify is refused here: \(refusal ?? "")"

    private static func folder() throws -> String {
        let path = NSTemporaryDirectory() + "/culprit-folder-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test(.enabled(if: refusal == nil, note)) func whoDidWhat() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let watch = try FolderWatch()
        try watch.watch(folder)
        // Written by a process of its own: a file that is open here is open as well in each child that another test
        // makes meanwhile, until that executes something, and the kernel tells of the last one to close it.
        let shell = try Self.written(folder + "/a.service")
        rename(folder + "/a.service", folder + "/b.service")
        unlink(folder + "/b.service")
        mkdir(folder + "/c.d", 0o700)
        let changes = watch.changes()
        let seen = changes.map { "\($0.kind) \($0.name)\($0.isFolder ? "/" : "") \($0.pid)" }
        let own = getpid()
        let wanted: Set = [
            "written a.service \(shell)", "placed b.service \(own)", "removed b.service \(own)", "made c.d/ \(own)",
        ]
        #expect(wanted.isSubset(of: seen), "\(seen)")
        #expect(changes.allSatisfy { [own, shell].contains($0.pid) && $0.folder == folder })
        #expect(watch.lost == 0)
    }

    /// By a shell that has ended since; its pid.
    private static func written(_ path: String) throws -> Int32 {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "echo x > \(path)"]
        try shell.run()
        shell.waitUntilExit()
        return shell.processIdentifier
    }

    @Test(.enabled(if: refusal == nil, note)) func aProcessThatHasEndedIsStillNamed() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let watch = try FolderWatch()
        try watch.watch(folder)
        let shell = try Self.written(folder + "/a.service")
        let written = try #require(watch.changes().first { $0.kind == .written })
        #expect(written.pid == shell)
    }

    @Test(.enabled(if: refusal == nil, note)) func whatIsTooMuchAtOnceIsCounted() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let watch = try FolderWatch()
        try watch.watch(folder)
        for number in 0..<20 { try Data().write(to: URL(fileURLWithPath: "\(folder)/\(number).service")) }
        let changes = watch.changes(most: 10)
        #expect(changes.count == 10 && watch.lost >= 10)
    }

    @Test(.enabled(if: refusal == nil, note)) func whatIsNotThere() throws {
        let watch = try FolderWatch(capacity: 1)
        #expect(throws: SystemCallError.self) { try watch.watch("/nowhere/at/all") }
        try watch.watch(NSTemporaryDirectory())
        #expect(throws: SystemCallError.self) { try watch.watch("/") }
    }

    /// Put together by the layout in fanotify(7); the tests above read the kernel's own.
    @Test func damagedNotices() throws {
        let bytes = Self.notice(name: "a.service")
        let notice = try #require(FolderNotice.all(bytes[...]).first)
        #expect(notice.name == "a.service" && notice.kinds == [.made, .written] && notice.pid == 12_188)
        #expect(notice.folder?.bytes == [1, 2, 3, 4, 5, 6, 7, 8] && !notice.isFolder)
        everyDamage(of: bytes[...]) { _ = FolderNotice.all($0) }
    }

    /// `struct fanotify_event_metadata`, `struct fanotify_event_info_fid`, `struct file_handle`, and the name.
    private static func notice(name: String) -> [UInt8] {
        func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
            withUnsafeBytes(of: number.littleEndian) { Array($0) }
        }
        var handle =
            little(Int32(7)) + little(Int32(9)) + little(UInt32(8)) + little(Int32(1)) + [1, 2, 3, 4, 5, 6, 7, 8]
        handle += Array(name.utf8) + [0]
        while handle.count % 4 != 0 { handle.append(0) }
        let information = [2, 0] + little(UInt16(4 + handle.count)) + handle
        return little(UInt32(24 + information.count)) + [3, 0] + little(UInt16(24)) + little(UInt64(0x108))
            + little(Int32(-1)) + little(Int32(12_188)) + information
    }
}

@Suite struct LocalMountsTests {
    @Test func thePathsOfThisHost() {
        let mounts = LocalMounts(
            parsing:
                "/dev/vda / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n/dev/vdb /home/local\\040one xfs rw 0 0\nautomount /net autofs rw 0 0\nproc /proc proc rw 0 0\nbroken\n"
                .bytes
        )
        #expect(mounts.isLocal("/root") && mounts.isLocal("/home/local one/dev"))
        #expect(!mounts.isLocal("/home/dev") && !mounts.isLocal("/net/x") && !mounts.isLocal("/proc/1"))
        #expect(mounts.isLocal("/homework") && !LocalMounts(parsing: []).isLocal("/"))
    }
}
