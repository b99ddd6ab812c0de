import EventModel
import Foundation
import Testing

@testable import SystemdState

/// A journal's files that are damaged, cut short, unreadable or gone: the others are read, and what is lost is stated.
@Suite(.serialized) struct JournalDamageTests {
    static let boot = "2eb1760281ef4eb4a7cff0031d56e7e5"
    /// Some seconds after the last of the entries.
    static let now = BootTime(nanoseconds: 3_770_000_000_000)
    static let names = ["system@1.journal", "system@2.journal", "system.journal"]

    /// A directory with those files, which goes with this object.
    final class Journal {
        let path: String
        let inner: String

        init(_ names: [String] = JournalDamageTests.names, file: String = #filePath) throws {
            path = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID())").path
            inner = path + "/3d1219c7c4c5404aaa1f6d2a48adfda4"
            try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
            for name in names { try add(name, file: file) }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func add(_ name: String, file: String = #filePath) throws {
            let source = URL(fileURLWithPath: file).deletingLastPathComponent()
                .appendingPathComponent("Fixtures/journal/\(name).gz")
            let gzip = Process()
            gzip.executableURL = URL(fileURLWithPath: "/bin/sh")
            gzip.arguments = ["-c", "gzip -dc \"$0\" >\"$1\"", source.path, inner + "/" + name]
            try gzip.run()
            gzip.waitUntilExit()
            #expect(gzip.terminationStatus == 0)
        }

        func write(_ name: String, _ bytes: [UInt8], at offset: Int) throws {
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: inner + "/" + name))
            try handle.seek(toOffset: UInt64(offset))
            try handle.write(contentsOf: Data(bytes))
            try handle.close()
        }

        func cut(_ name: String, to size: Int) throws {
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: inner + "/" + name))
            try handle.truncate(atOffset: UInt64(size))
            try handle.close()
        }

        func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: inner + "/" + name) }

        func size(_ name: String) throws -> Int {
            try FileManager.default.attributesOfItem(atPath: inner + "/" + name)[.size] as? Int ?? 0
        }

        /// The files are as if written an hour later: `now` is ahead of a machine that has just started, and what was written
        /// to before it is of the past.
        func follower(cursor: JournalCursor? = nil) throws -> JournalFollower {
            for name in try FileManager.default.contentsOfDirectory(atPath: inner) {
                // A name that leads nowhere has none.
                try? FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: 3600)], ofItemAtPath: inner + "/" + name)
            }
            return JournalFollower(
                try SystemdLibrary(), boot: JournalDamageTests.boot, cursor: cursor, lookBack: .seconds(600),
                at: JournalDamageTests.now, directory: path, isWatched: { _ in false })
        }
    }

    /// What a follower hands out: numbers of jobs, and gaps.
    struct Read {
        let journal: Journal
        var jobs: [Int] = []
        var gaps: [Gap] = []
        private var turns: UInt64 = 0

        /// Keeps the files until it has gone itself.
        init(_ journal: Journal) { self.journal = journal }

        /// Until there is no more, and a few looks more, a second apart.
        mutating func take(_ follower: JournalFollower, looks: Int = 3) {
            for _ in 0..<looks {
                var rounds = 0
                repeat {
                    for event in follower.poll(at: now + .milliseconds(1100 * turns)) { take(event) }
                    rounds += 1
                } while follower.hasMore && rounds < 2000
                turns += 1
            }
        }

        private mutating func take(_ event: Event) {
            switch event.body {
            case .journal(let entry): if let job = entry["JOB_ID"].flatMap({ Int($0) }) { jobs.append(job) }
            case .gap(let gap): if gap.source == "journal" { gaps.append(gap) }
            default: break
            }
        }
    }

    /// The jobs of each file, by reading it alone.
    static let jobs: [String: Set<Int>] = {
        var jobs: [String: Set<Int>] = [:]
        for name in names {
            guard let journal = try? Journal([name]), let follower = try? journal.follower() else { continue }
            var read = Read(journal)
            read.take(follower, looks: 1)
            jobs[name] = Set(read.jobs)
        }
        return jobs
    }()

    static func others(than name: String) -> Set<Int> {
        jobs.filter { $0.key != name }.values.reduce([]) { $0.union($1) }
    }

    @Test func whole() throws {
        #expect(Self.jobs.values.map(\.count).reduce(0, +) == 1000)
        let journal = try Journal()
        var read = Read(journal)
        read.take(try journal.follower())
        #expect(read.jobs == Array(0..<1000))
        #expect(read.gaps == [])
    }

    enum Damage: String, CaseIterable {
        case zeros, ones, number, cut
    }

    /// At places all over the file. What the library itself passes over in silence (an index that leads nowhere) cannot be
    /// told; that it gives the file up can.
    @Test(arguments: Damage.allCases) func damagedAtRest(_ damage: Damage) throws {
        var (silent, stated) = (0, 0)
        for name in Self.names {
            let size = try Journal([name]).size(name)
            for step in 0..<16 {
                let offset = step < 8 ? step * 24 : size / 16 * step + step * 8
                let journal = try Journal()
                switch damage {
                case .zeros: try journal.write(name, [UInt8](repeating: 0, count: 4096), at: offset & ~4095)
                case .ones: try journal.write(name, [UInt8](repeating: 0xFF, count: 64), at: offset)
                case .number: try journal.write(name, [8, 7, 6, 5, 4, 3, 2, 1], at: offset & ~7)
                case .cut: try journal.cut(name, to: offset)
                }
                var read = Read(journal)
                read.take(try journal.follower(), looks: 5)
                let found = Set(read.jobs)
                #expect(found.isSuperset(of: Self.others(than: name)), "\(name) \(damage) at \(offset)")
                #expect(found.count == read.jobs.count, "\(name) \(damage) at \(offset): twice")
                guard found.count < 1000 else { continue }
                if read.gaps.isEmpty { silent += 1 } else { stated += 1 }
            }
        }
        print("\(damage): \(stated) losses stated, \(silent) not")
        #expect(stated > silent)
    }

    /// The file is mapped when it is cut: what was there reads as zeros, and nothing ends.
    @Test(arguments: [0, 4096, 150_000]) func cutWhileItIsRead(_ size: Int) throws {
        let journal = try Journal([Self.names[0], Self.names[1]])
        let follower = try journal.follower()
        for event in follower.poll(at: Self.now) { _ = event }
        for name in Self.names.prefix(2) { try journal.cut(name, to: size) }
        var read = Read(journal)
        read.take(follower, looks: 2)
        // Live goes on.
        try journal.add(Self.names[2])
        read.take(follower, looks: 4)
        #expect(Set(read.jobs).isSuperset(of: try #require(Self.jobs[Self.names[2]])))
    }

    /// Vacuumed away while there is still something to catch up with: its files are kept until it is read.
    @Test func removedWhileCatchingUp() throws {
        let journal = try Journal()
        let follower = try journal.follower()
        for name in Self.names { try journal.remove(name) }
        var read = Read(journal)
        read.take(follower)
        #expect(read.jobs == Array(0..<1000))
        #expect(read.gaps == [])
    }

    /// Vacuumed away while nobody read: from the entry that was read last to the first that is there.
    @Test func removedWhileNobodyRead() throws {
        let journal = try Journal()
        let first = try Journal([Self.names[0]])
        let early = try first.follower()
        _ = early.poll(at: Self.now)
        let cursor = try #require(early.cursor)
        withExtendedLifetime(first) {}
        try journal.remove(Self.names[0])
        try journal.remove(Self.names[1])
        var read = Read(journal)
        read.take(try journal.follower(cursor: cursor))
        let left = try #require(Self.jobs[Self.names[2]])
        #expect(Set(read.jobs) == left)
        let gap = try #require(read.gaps.first)
        #expect(read.gaps.count == 1 && gap.why.contains("no longer holds"))
        #expect(gap.from < gap.to && gap.to < Self.now)
    }

    /// What lies there beside them and is no journal.
    @Test func whatIsNoJournal() throws {
        let journal = try Journal()
        try FileManager.default.createDirectory(
            atPath: journal.inner + "/folder.journal", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: journal.inner + "/nowhere.journal", withDestinationPath: "/nonexistent")
        #expect(mkfifo(journal.inner + "/pipe.journal", 0o600) == 0)
        try Data("LPKSHHRH and nothing else".utf8).write(to: URL(fileURLWithPath: journal.inner + "/short.journal"))
        try Data().write(to: URL(fileURLWithPath: journal.inner + "/empty.journal~"))
        try Data(repeating: 7, count: 100_000).write(to: URL(fileURLWithPath: journal.inner + "/other.journal"))
        let follower = try journal.follower()
        var read = Read(journal)
        read.take(follower, looks: 5)
        #expect(read.jobs == Array(0..<1000))
        #expect(follower.statuses.first?.state == .degraded)
    }
}
