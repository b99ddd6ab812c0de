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
                throw Failure(
                    code: .noInput, what: "report", why: "there is no incident in \(path)",
                    remedy:
                        "a recording shows disruptions of the processes that its configuration watches; culprit who NAME "
                        + "asks for another")
            }
            return latest
        }
        let found = incidents.filter { $0.id.hasPrefix(id) }
        guard let incident = found.first, found.count == 1 else {
            throw Failure(
                code: .noInput, what: "incident \(id)",
                why: found.isEmpty ? "there is none of that id in \(path)" : "\(found.count) ids begin like that",
                remedy: "culprit incidents list shows them")
        }
        return incident
    }

    /// After the result is out: what could not be read of the file, as exit code 65.
    func complain() throws {
        guard let first = replay.damage.first else { return }
        let lost = replay.damage.compactMap(\.recordsLost).reduce(0, +)
        throw Failure(
            code: .damagedInput, what: path,
            why: "\(first.why.rawValue) at byte \(first.offset)"
                + (replay.damage.count > 1 ? ", and \(replay.damage.count - 1) more such places" : "")
                + (lost > 0 ? "; at least \(lost) records are lost" : ""),
            remedy: "what could be read is shown above")
    }
}
