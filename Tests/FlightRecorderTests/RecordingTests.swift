import EventModel
import FlightRecorder
import Glibc
import Testing

@Suite struct RecordingTests {
    @Test func whatIsWrittenIsRead() throws {
        let bytes = try recordingBytes(threeBlocks)
        let recording = try Recording(bytes: bytes)
        #expect(recording.records == threeBlocks.flatMap { $0 })
        #expect(recording.blocks.map(\.records) == [2, 3, 2])
        #expect(recording.blocks.map(\.first.nanoseconds) == [10, 19, 30])
        #expect(recording.blocks.map(\.last.nanoseconds) == [12, 25, 31])
        #expect(recording.damage.isEmpty)
        #expect(recording.wasClosedCleanly)
        try withTemporaryDirectory { directory in
            try write(bytes, to: directory + "/r")
            #expect(try Recording(path: directory + "/r") == recording)
        }
    }

    @Test func anEmptyRecordingIsOne() throws {
        let recording = try Recording(bytes: try recordingBytes([]))
        #expect(recording.records.isEmpty && recording.damage.isEmpty && recording.wasClosedCleanly)
    }

    @Test func notClosedIsNoDamage() throws {
        let recording = try Recording(bytes: try recordingBytes(threeBlocks, isClosed: false))
        #expect(recording.records == threeBlocks.flatMap { $0 })
        #expect(recording.damage.isEmpty)
        #expect(!recording.wasClosedCleanly)
    }

    @Test func blocksFillUpToTheirLimitAndNoFurther() throws {
        let records = (0..<600).map { record(size: 1000, time: UInt64($0), mark: UInt8(truncatingIfNeeded: $0)) }
        let largest = record(size: RecordingFormat.largestPayload, time: 1000, mark: 1)
        try withTemporaryDirectory { directory in
            var writer = try RecordingWriter(path: directory + "/r")
            for bytes in records { #expect(try bytes.withUnsafeBytes { try writer.append($0) }) }
            #expect(try largest.withUnsafeBytes { try writer.append($0) })
            let tooLarge = record(size: RecordingFormat.largestPayload + 8, time: 1, mark: 1)
            #expect(try !tooLarge.withUnsafeBytes { try writer.append($0) })
            #expect(try ![1, 2, 3].withUnsafeBytes { try writer.append($0) })
            try writer.close()
            #expect(try !largest.withUnsafeBytes { try writer.append($0) }, "nothing is taken after the end")
            try writer.close()
            let recording = try Recording(path: directory + "/r")
            #expect(recording.records == records + [largest])
            #expect(recording.blocks.map(\.records) == [262, 262, 76, 1])
            #expect(recording.blocks.allSatisfy { $0.bytes <= 40 + RecordingFormat.largestPayload })
        }
    }

    @Test func aFileIsPrivateAndStartsEmpty() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/r"
            let before = umask(0)
            try writeRecording(threeBlocks, to: path)
            umask(before)
            var status = stat()
            stat(path, &status)
            #expect(status.st_mode & 0o777 == 0o600)
            try writeRecording([], to: path)
            #expect(try contents(of: path).count == 16 + 40)
        }
    }

    // MARK: Failures

    @Test func whatCannotBeCreatedNamesCallPathAndErrno() {
        #expect(throws: SystemCallError(call: "open", object: "/nonexistent/r", errno: ENOENT)) {
            _ = try RecordingWriter(path: "/nonexistent/r")
        }
        #expect(throws: SystemCallError(call: "write", object: "/dev/full", errno: ENOSPC)) {
            _ = try RecordingWriter(path: "/dev/full")
        }
    }

    /// In a process of its own, as it limits the size of every file.
    @Test func afterAFailureTheFileEndsInAWholeBlockAndWritingGoesOn() async {
        await #expect(processExitsWith: .success) { try writeAcrossAFullDisk() }
    }

    @Test func aPipeCanBeWrittenTo() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        var writer = try RecordingWriter(descriptor: ends[1], path: "<pipe>")
        for bytes in threeBlocks[0] { _ = try bytes.withUnsafeBytes { try writer.append($0) } }
        try writer.close()
        let end = ends[0]
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { $1 = max(0, read(end, $0.baseAddress, $0.count)) }
        close(end)
        #expect(try Recording(bytes: bytes).records == threeBlocks[0])
    }

    @Test func inputsThatCannotBeRead() throws {
        try withTemporaryDirectory { directory in
            #expect(throws: RecordingError.noSuchFile(path: directory + "/r")) {
                _ = try Recording(path: directory + "/r")
            }
            let text = directory + "/text"
            try write(Array("#!/bin/sh\necho this is no recording at all\n".utf8), to: text)
            #expect(throws: RecordingError.notARecording(path: text)) { _ = try Recording(path: text) }
            #expect(throws: RecordingError.notARecording(path: "/dev/null")) { _ = try Recording(path: "/dev/null") }
            #expect(throws: RecordingError.isDirectory(path: directory)) { _ = try Recording(path: directory) }
            mkfifo(directory + "/fifo", 0o600)
            #expect(
                throws: RecordingError.unreadable(
                    SystemCallError(call: "lseek", object: directory + "/fifo", errno: ESPIPE))
            ) { _ = try Recording(path: directory + "/fifo") }
        }
    }

    @Test func aLaterVersionIsNotGuessedAt() throws {
        // Version 2, with the right sum over the header.
        var bytes = Array("CULPRIT\n".utf8) + [2, 0, 0, 0]
        bytes += withUnsafeBytes(of: crc32(bytes).littleEndian) { Array($0) }
        #expect(throws: RecordingError.unsupported(path: "<memory>", version: 2)) { _ = try Recording(bytes: bytes) }
    }
}

/// A limit on the file's size stands for a full disk: the same short write, then an error.
private func writeAcrossAFullDisk() throws {
    let fileSize = __rlimit_resource_t(1)
    signal(SIGXFSZ, SIG_IGN)
    var unlimited = rlimit()
    getrlimit(fileSize, &unlimited)
    try withTemporaryDirectory { directory in
        let path = directory + "/r"
        var writer = try RecordingWriter(path: path)
        for bytes in threeBlocks[0] { _ = try bytes.withUnsafeBytes { try writer.append($0) } }
        try writer.flush()
        let whole = writer.bytesWritten
        for bytes in threeBlocks[1] { _ = try bytes.withUnsafeBytes { try writer.append($0) } }
        var small = rlimit(rlim_cur: rlim_t(whole + 50), rlim_max: unlimited.rlim_max)
        setrlimit(fileSize, &small)
        var failure: SystemCallError?
        do throws(SystemCallError) { try writer.flush() } catch { failure = error }
        setrlimit(fileSize, &unlimited)
        #expect(failure == SystemCallError(call: "write", object: path, errno: EFBIG))
        #expect(try contents(of: path).count == whole)
        let readable = try Recording(path: path)
        #expect(readable.records == threeBlocks[0] && readable.damage.isEmpty && !readable.wasClosedCleanly)
        try writer.close()
        let complete = try Recording(path: path)
        #expect(complete.records == threeBlocks[0] + threeBlocks[1])
        #expect(complete.damage.isEmpty && complete.wasClosedCleanly)
    }
}
