import EventCoding
import EventModel
import FlightRecorder
import Glibc

/// Nanoseconds a record, CPU time of one thread, the best of nine runs: what the decoder, the ring and the file cost beside the
/// rest of the pipeline. `swift run -c release decode [SCRATCH-FILE]`; the file is written and removed.
@main enum Decode {
    static func main() throws {
        let path = CommandLine.arguments.dropFirst().first ?? "decode-benchmark.culprit"
        defer { unlink(path) }
        for sample in Sample.all {
            report("decode \(sample.name)", sample) {
                // The thread is read, so that the work cannot be left out.
                blackHole &+= (try? EventDecoder.decode($0).thread) ?? 0
            }
        }
        for sample in Sample.all.prefix(2) {
            var ring = try FlightRing()
            report("ring append \(sample.name)", sample) { ring.append($0, lane: .flood) }
        }
        for sample in Sample.all.prefix(2) {
            var writer = try RecordingWriter(path: path)
            report("file append \(sample.name)", sample) { _ = try? writer.append($0) }
            try writer.close()
            try reportReading(path, sample)
        }
    }

    nonisolated(unsafe) private static var blackHole: Int32 = 0
    private static let runs = 9
    private static let perRun = 200_000

    private static func report(_ name: String, _ sample: Sample, _ body: (UnsafeRawBufferPointer) -> Void) {
        var best = Double.infinity
        sample.record.withUnsafeBytes { record in
            for _ in 0..<runs {
                best = min(best, elapsed { for _ in 0..<perRun { body(record) } })
            }
        }
        line(name, best / Double(perRun), sample)
    }

    private static func reportReading(_ path: String, _ sample: Sample) throws {
        var reader = try RecordingReader(path: path)
        var records = 0
        let time = try elapsed {
            while let step = try reader.next() {
                guard case .block = step else { continue }
                reader.forEachRecord {
                    records += 1
                    blackHole &+= Int32(truncatingIfNeeded: $0.count)
                }
            }
        }
        line("file read \(sample.name)", time / Double(max(1, records)), sample)
    }

    private static func elapsed(_ body: () throws -> Void) rethrows -> Double {
        let start = now()
        try body()
        return now() - start
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    private static func line(_ name: String, _ nanoseconds: Double, _ sample: Sample) {
        let padded = name + String(repeating: " ", count: max(1, 28 - name.count))
        print("\(padded)\((nanoseconds * 10).rounded() / 10) ns/record  (\(sample.record.count) bytes)")
    }
}
