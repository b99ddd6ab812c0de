import Attribution
import Collector
import EventModel
import FlightRecorder
import IncidentDetection

/// A recording read to its end, for the commands that show what is in it.
struct ReadRecording: ~Copyable {
    let path: String
    let replay: Replay

    init(
        path: String, extraWatches: [ProcessWatch] = [],
        observe: (Event, borrowing Pipeline) throws -> Void = { _, _ in }
    ) throws {
        let replay = try Replay(path: path, extraWatches: extraWatches, observe: observe)
        self.path = path
        self.replay = replay
    }

    var incidents: [Incident] { replay.pipeline.incidents.all }

    /// What was asked for is not in the recording; where that is damaged, it may have been in the part that is lost.
    static func notFound(_ what: String, why: String, remedy: String, damage: String?) -> Failure {
        guard let damage else { return Failure(code: .noInput, what: what, why: why, remedy: remedy) }
        return Failure(
            code: .damagedInput, what: what, why: "\(why), as far as it can be read: \(damage)", remedy: remedy)
    }

    /// After the result is out: what could not be read of the file, as exit code 65.
    func complain() throws { try Self.complain(damage, of: path) }

    static func complain(_ damage: String?, of path: String) throws {
        guard let damage else { return }
        throw Failure(code: .damagedInput, what: path, why: damage, remedy: "what could be read is shown above")
    }

    var damage: String? {
        guard let first = replay.damage.first else { return nil }
        let lost = replay.damage.compactMap(\.recordsLost).reduce(0, +)
        return "\(first.why.rawValue) at byte \(first.offset)"
            + (replay.damage.count > 1 ? ", and \(replay.damage.count - 1) more such places" : "")
            + (lost > 0 ? "; at least \(lost) records are lost" : "")
    }
}
