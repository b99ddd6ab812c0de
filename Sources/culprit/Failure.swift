import ArgumentParser
import Configuration
import EventModel
import FlightRecorder
import Glibc
import KernelProbes

/// A failure as the user meets it: an exit code of the contract, and one line on stderr.
struct Failure: Error {
    var code: Code
    /// What failed.
    var what: String
    var why: String
    /// What to do about it; may be empty.
    var remedy = ""

    enum Code: Int32 {
        case failed = 1
        case notRunning = 3
        case usage = 64
        case damagedInput = 65
        case noInput = 66
        case unavailable = 69
        case inputOutput = 74
        case notPermitted = 77
        case configuration = 78
        case notWatched = 99
        case commandNotExecutable = 126
        case commandNotFound = 127
    }

    var message: String { "culprit: \(what): \(why)" + (remedy.isEmpty ? "" : " (\(remedy))") }

    /// Ends the program: help and version go to stdout, every failure to stderr.
    /// `isLenient`: it is told, and is no reason for an exit code.
    static func report(_ error: any Error, isLenient: Bool = false) -> Never {
        if let exit = error as? ExitCode { Culprit.exit(withError: exit) }
        if let failure = mapped(error) {
            Terminal.message(failure.message)
            exit(isLenient ? 0 : failure.code.rawValue)
        }
        guard Culprit.exitCode(for: error) == .validationFailure else { Culprit.exit(withError: error) }
        Terminal.message("culprit: usage: \(Culprit.message(for: error)) (see culprit help)")
        exit(isLenient ? 0 : Code.usage.rawValue)
    }

    private static func mapped(_ error: any Error) -> Failure? {
        switch error {
        case let failure as Failure: failure
        case let error as RecordingError: recording(error)
        case let error as SystemCallError: call(error)
        case let error as ConfigurationError:
            Failure(code: .configuration, what: "configuration", why: error.message, remedy: "see culprit check-config")
        case let error as ProbesUnavailable:
            Failure(
                code: error.isPermission ? .notPermitted : .failed, what: "the kernel programs", why: error.why,
                remedy: error.isPermission ? "run it as root, or with CAP_BPF and CAP_PERFMON" : "see culprit doctor")
        default: nil
        }
    }

    private static func recording(_ error: RecordingError) -> Failure {
        switch error {
        case .noSuchFile: Failure(code: .noInput, what: "input", why: error.description)
        case .isDirectory:
            Failure(
                code: .noInput, what: "input", why: error.description,
                remedy: "name a recording in it; culprit record -o FILE makes one")
        case .notARecording:
            Failure(
                code: .damagedInput, what: "input", why: error.description, remedy: "culprit record -o FILE makes one")
        case .unsupported:
            Failure(
                code: .damagedInput, what: "input", why: error.description,
                remedy: "read it with the version that made it")
        case .unreadable(let cause): call(cause, code: cause.isPermission ? .notPermitted : .noInput)
        }
    }

    private static func call(_ error: SystemCallError, code: Code? = nil) -> Failure {
        Failure(
            code: code ?? (error.isPermission ? .notPermitted : .inputOutput),
            what: error.object.isEmpty ? error.call : error.object,
            why: "\(error.call): \(String(cString: strerror(error.errno)))",
            remedy: error.isPermission ? "run it as a user that may, root for most" : "")
    }
}

extension SystemCallError {
    fileprivate var isPermission: Bool { errno == EPERM || errno == EACCES }
}
