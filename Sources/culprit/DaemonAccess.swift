import Configuration
import ControlSocket
import Daemon
import EventModel
import Glibc
import IncidentStore
import Reporting

/// The daemon that the configuration names, as a command asks it.
struct DaemonAccess {
    let directories: DaemonDirectories

    init(_ configuration: Configuration) { directories = DaemonDirectories(configuration) { _ in nil } }

    /// A connection; nil where no daemon runs.
    func connect(patience: Interval = .seconds(15)) throws -> ControlClient? {
        do throws(ControlClient.Failure) {
            return try ControlClient(path: directories.socket, patience: patience)
        } catch {
            if case .notRunning = error { return nil }
            throw Self.failure(error)
        }
    }

    /// The reply; nil where no daemon runs.
    func ask(_ request: ControlRequest, patience: Interval = .seconds(15)) throws -> JSONValue? {
        guard let client = try connect(patience: patience) else { return Optional.none }
        return try Self.ask(client, request)
    }

    static func ask(_ client: ControlClient, _ request: ControlRequest) throws -> JSONValue {
        do throws(ControlClient.Failure) { return try client.ask(request) } catch { throw failure(error) }
    }

    /// What its store holds, without it.
    func store() throws -> IncidentStore {
        do throws(StoreError) { return try IncidentStore(reading: directories.incidents) } catch {
            switch error.kind {
            case .missing: throw notRunning
            case .notPermitted:
                throw Failure(
                    code: .notPermitted, what: "incident store", why: error.message,
                    remedy: "be root, or a member of the group culprit")
            case .damaged, .newerSchema: throw Failure(code: .damagedInput, what: "incident store", why: error.message)
            default: throw Failure(code: .inputOutput, what: "incident store", why: error.message)
            }
        }
    }

    /// Where there is neither a daemon nor what one has left.
    var notRunning: Failure {
        Failure(
            code: .unavailable, what: "daemon",
            why: "it cannot be reached: nothing listens at \(directories.socket)",
            remedy: "systemctl start culprit, or name a recording with --from FILE")
    }

    static func failure(_ error: ControlClient.Failure) -> Failure {
        switch error {
        case .notRunning(let path):
            Failure(
                code: .unavailable, what: "daemon", why: "it cannot be reached: nothing listens at \(path)",
                remedy: "systemctl start culprit, or name a recording with --from FILE")
        case .notPermitted(let path):
            Failure(
                code: .notPermitted, what: "daemon", why: "\(path): \(String(cString: strerror(EACCES)))",
                remedy: "be root, or a member of the group culprit; or name a recording with --from FILE")
        case .unreachable(let path, let why):
            Failure(code: .unavailable, what: "daemon", why: "it cannot be reached at \(path): \(why)")
        case .refused(let error):
            Failure(
                code: Failure.Code(rawValue: error.kind.rawValue) ?? .failed, what: error.what,
                why: error.why, remedy: error.remedy)
        }
    }
}
