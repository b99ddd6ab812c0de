import EventModel
import Foundation
import Glibc
import ProcFS
import Testing

@testable import SystemdState

/// Real files, and what only looks like one: the thread that reads them, and those that wait for it.
@Suite final class UnitFileReaderTests {
    private let folder: String
    private let reader: UnitFileReader
    private var waiting = UnitFilesWaiting()
    private let small = MemorySettings(max: .bytes(64 << 20))

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/culprit-units-XXXXXX").utf8CString)
        folder = String(cString: try #require(mkdtemp(&template))) + "/prod.service.d"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        reader = try #require(UnitFileReader())
    }

    deinit {
        reader.end()
        try? FileManager.default.removeItem(atPath: String(folder.dropLast("/prod.service.d".count)))
    }

    private func write(_ name: String, _ text: String = "[Service]\nMemoryMax=64M\n") throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    private func add(_ name: String, _ step: UnitFileChange.Step = .written, at time: BootTime) {
        let change = UnitFileChange(path: folder + "/" + name, step: step, manager: .system, writer: 7)
        waiting.add(Event(time: time, source: .fanotify, body: .unitFile(change)), change, reader)
    }

    /// The next `count` that are handed out, within their time.
    private func take(_ count: Int, at now: BootTime) -> [UnitFileChange] {
        var events: [Event] = []
        let end = ProcFS.boottimeNow() + .seconds(120)
        while events.count < count, ProcFS.boottimeNow() < end {
            var wait = pollfd(fd: reader.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&wait, 1, 100)
            events += waiting.take(reader.answers(), at: now)
        }
        return events.compactMap { event -> UnitFileChange? in
            if case .unitFile(let change) = event.body { change } else { nil }
        }
    }

    private let start = BootTime(nanoseconds: 5_000_000_000)

    @Test func whatAFileSaysAndSaidBefore() throws {
        try write("before.conf")
        try write("none.conf", "[Service]\nDescription=x\n")
        reader.learn(folder: folder)
        add("before.conf", at: start)
        // What was known of it was read in the order in which it was asked.
        let first = take(1, at: start)
        #expect(first.map(\.settings) == [small] && first.map(\.settingsBefore) == [small])
        try write("before.conf", "[Service]\n")
        unlink(folder + "/none.conf")
        try write("new.conf")
        add("before.conf", at: start)
        add("none.conf", .removed, at: start)
        add("new.conf", .placed, at: start)
        add("new.conf", .removed, at: start)
        let changes = take(4, at: start)
        #expect(changes.map(\.settings) == [MemorySettings(), nil, small, nil])
        #expect(changes.map(\.settingsBefore) == [small, MemorySettings(), MemorySettings(), small])
    }

    /// Links are followed, to files alone; nothing is opened that could wait, or that something begins with.
    @Test func whatIsNoFileIsNotRead() throws {
        try write("target.txt")
        let text = "[Service]\nMemoryMax=64M\n#"
        let room = UnitFileReader.longestFile - text.utf8.count
        try write("fits.conf", text + String(repeating: "x", count: room))
        try write("long.conf", text + String(repeating: "x", count: room + 1))
        mkfifo(folder + "/fifo.conf", 0o600)
        mkdir(folder + "/folder.conf", 0o700)
        let links = [
            "link.conf": "target.txt", "null.conf": "/dev/null", "zero.conf": "/dev/zero", "gone.conf": "nowhere",
            "proc.conf": "/proc/self/environ", "loop.conf": "loop.conf", "piped.conf": "fifo.conf",
        ]
        for (name, target) in links { symlink(target, folder + "/" + name) }
        let names = links.keys.sorted() + ["fifo.conf", "folder.conf", "long.conf", "fits.conf", "missing.conf"]
        for name in names { add(name, .placed, at: start) }
        let changes = take(names.count, at: start)
        #expect(changes.map { $0.path } == names.map { folder + "/" + $0 })
        let read = changes.filter { $0.settings != nil }
        #expect(read.map { $0.path } == ["link.conf", "fits.conf"].map { folder + "/" + $0 })
        #expect(read.allSatisfy { $0.settings == small })
    }

    @Test func aStormIsBoundedAndCounted() throws {
        try write("a.conf")
        let count = UnitFilesWaiting.mostPerSecond + 30
        for _ in 0..<count { add("a.conf", at: start) }
        var events: [Event] = []
        let end = ProcFS.boottimeNow() + .seconds(120)
        while events.count < count + 1, ProcFS.boottimeNow() < end {
            usleep(5_000)
            events += waiting.take(reader.answers(), at: start)
        }
        let read = events.filter { event in
            if case .unitFile(let change) = event.body { change.settings != nil } else { false }
        }
        #expect(read.count == UnitFilesWaiting.mostPerSecond)
        let lost = events.compactMap { event -> UInt64? in
            if case .gap(let gap) = event.body { gap.lost } else { nil }
        }
        #expect(lost.reduce(0, +) == 30 && events.count == count + lost.count)
        // What was known before a change that nobody read is not what it said right before the next.
        reader.missed()
        add("a.conf", at: start + .seconds(1))
        let after = take(1, at: start + .seconds(1))
        #expect(after.map(\.settings) == [small] && after.map(\.settingsBefore) == [nil])
    }

    /// No thread, or one that hangs: what happened is told of, in its order, and what was not read is counted.
    @Test func nothingIsHeldBackForLong() throws {
        var waiting = UnitFilesWaiting()
        for name in ["prod.service", "notes.txt"] {
            let path = "/etc/systemd/system/\(name)"
            let change = UnitFileChange(path: path, step: .written, manager: .system, writer: 7)
            waiting.add(Event(time: start, source: .fanotify, body: .unitFile(change)), change, nil)
        }
        let events = waiting.take([], at: start)
        #expect(events.count == 3)
        guard case .gap(let gap) = events.last?.body else {
            Issue.record("no gap")
            return
        }
        #expect(gap.lost == 1 && gap.source == Gap.unitFiles)

        try write("a.conf")
        add("a.conf", at: start)
        let due = start + UnitFilesWaiting.patience
        #expect(self.waiting.take([], at: due - .milliseconds(1)).isEmpty)
        #expect(self.waiting.take([], at: due).count == 2)
        add("a.conf", at: start)
        #expect(self.waiting.rest([], at: start).count == 2)
        #expect(self.waiting.rest([], at: start).isEmpty)
    }
}
