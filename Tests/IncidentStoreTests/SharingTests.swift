import EventModel
import GRDB
import Glibc
import IncidentStore
import Testing

/// Other processes, and what a crash leaves.
@Suite struct SharingTests {
    let place: Place

    init() throws { place = try Place() }

    /// Killed in the middle of writing, twenty times: what it said was stored is there, and the file is whole.
    @Test func aKilledWriterLosesNothingThatItConfirmed() throws {
        for round in 1...20 {
            let writer = try Writer(place.file)
            var confirmed = 0
            while confirmed < 1 + round % 4 { confirmed += try writer.confirmations() }
            confirmed += writer.kill()
            let store = try IncidentStore(path: place.file, keep: 1000)
            let count = try store.count()
            // The first ids of a later round are those of an earlier one.
            #expect(count >= confirmed)
            for summary in try store.summaries(limit: 1000) {
                let number = summary.id.dropFirst()
                #expect(try store.document(id: summary.id)?.document.hasPrefix("\(number) \(number) ") == true)
            }
        }
    }

    @Test func aReaderSeesWhatAWriterWrites() throws {
        let store = try IncidentStore(path: place.file, keep: 1000)
        let reader = try IncidentStore(reading: place.file)
        for second in 1...50 as ClosedRange<UInt64> {
            try store.insert(Sample.stored(second, id: "i\(second)"))
            #expect(try reader.latestID() == "i\(second)")
        }
    }

    /// A reader in the middle of a transaction neither waits nor keeps the writer waiting.
    @Test func aSlowReaderDoesNotHoldUpTheWriter() throws {
        let store = try IncidentStore(path: place.file, keep: 1000)
        try store.insert(Sample.stored(1, id: "i1"))
        let slow = try DatabaseQueue(path: place.file)
        try slow.read { db in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM incident") == 1)
            try store.insert(Sample.stored(2, id: "i2"))
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM incident") == 1)
        }
        #expect(try store.count() == 2)
    }

    /// Somebody who holds the file for ever: an error after a bounded time, not a hang.
    @Test func aHeldFileIsAnError() throws {
        let store = try IncidentStore(path: place.file, keep: 1000)
        let holder = try DatabaseQueue(path: place.file)
        try holder.inDatabase { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            let error = #expect(throws: StoreError.self) { try store.insert(Sample.stored(1)) }
            #expect(error?.kind == .busy)
            try db.execute(sql: "ROLLBACK")
        }
        try store.insert(Sample.stored(1))
    }
}

/// `store-writer` at work.
final class Writer {
    private let pid: pid_t
    private let output: Int32
    private var isEnded = false

    init(_ path: String) throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        let program = try Self.program()
        var words: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup(path), nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let error = posix_spawn(&pid, program, &actions, nil, &words, environ)
        close(ends[1])
        (self.pid, output) = (pid, ends[0])
        isEnded = error != 0
        try #require(error == 0, "\(program): errno \(error)")
    }

    /// Beside the tests' own program.
    private static func program() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        try #require(count > 0)
        let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.prefix(upTo: try #require(own.lastIndex(of: "/"))) + "/store-writer"
    }

    /// Waits for ids; how many came.
    func confirmations() throws -> Int {
        let count = take()
        try #require(count > 0, "the writer has ended")
        return count
    }

    private func take() -> Int {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = read(output, &chunk, chunk.count)
        return count > 0 ? chunk[..<count].count { $0 == UInt8(ascii: "\n") } : 0
    }

    /// SIGKILL; how many more it had confirmed.
    func kill() -> Int {
        Glibc.kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        isEnded = true
        var rest = 0
        while case let count = take(), count > 0 { rest += count }
        return rest
    }

    deinit {
        if !isEnded { _ = kill() }
        close(output)
    }
}
