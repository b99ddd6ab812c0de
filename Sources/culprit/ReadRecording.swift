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
        _ input: InputOptions, extraWatches: [ProcessWatch] = [],
        observe: (Event, borrowing Pipeline) throws -> Void = { _, _ in }
    ) throws {
        let path = try input.recording()
        let replay = try Replay(path: path, extraWatches: extraWatches, observe: observe)
        self.path = path
        self.replay = replay
    }

    var incidents: [Incident] { replay.pipeline.incidents.all }

    /// The incident of that id or beginning of one; `latest` is the one that happened last.
    func incident(_ id: String) throws -> Incident {
        if id == "latest" {
            guard let latest = incidents.max(by: { $0.disruption.at < $1.disruption.at }) else {
                throw notFound(
                    "report", why: "there is no incident in \(path)",
                    remedy:
                        "a recording shows disruptions of the processes that its configuration watches; culprit who NAME "
                        + "asks for another")
            }
            return latest
        }
        let found = incidents.filter { $0.id.hasPrefix(id) }
        guard let incident = found.first, found.count == 1 else {
            throw notFound(
                "incident \(id)",
                why: found.isEmpty ? "there is none of that id in \(path)" : "\(found.count) ids begin like that",
                remedy: "culprit incidents list shows them")
        }
        return incident
    }

    /// What was asked for is not in the recording; where that is damaged, it may have been in the part that is lost.
    func notFound(_ what: String, why: String, remedy: String = "") -> Failure {
        guard let damage else { return Failure(code: .noInput, what: what, why: why, remedy: remedy) }
        return Failure(
            code: .damagedInput, what: what, why: "\(why), as far as it can be read: \(damage)", remedy: remedy)
    }

    /// After the result is out: what could not be read of the file, as exit code 65.
    func complain() throws {
        guard let damage else { return }
        throw Failure(code: .damagedInput, what: path, why: damage, remedy: "what could be read is shown above")
    }

    private var damage: String? {
        guard let first = replay.damage.first else { return nil }
        let lost = replay.damage.compactMap(\.recordsLost).reduce(0, +)
        return "\(first.why.rawValue) at byte \(first.offset)"
            + (replay.damage.count > 1 ? ", and \(replay.damage.count - 1) more such places" : "")
            + (lost > 0 ? "; at least \(lost) records are lost" : "")
    }
}
