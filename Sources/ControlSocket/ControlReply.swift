public import Reporting

/// Why the daemon does not give what was asked for. As an exit code of the contract, so that a client need not guess.
public struct ControlError: Error, Hashable, Sendable {
    public var kind: Kind
    /// What failed.
    public var what: String
    public var why: String
    /// What to do about it; may be empty.
    public var remedy: String

    public enum Kind: Int32, Hashable, Sendable {
        case failed = 1
        case usage = 64
        case notFound = 66
        /// The daemon has no room or no time for it.
        case unavailable = 69
        case inputOutput = 74
        case notPermitted = 77
    }

    public init(_ kind: Kind, _ what: String, _ why: String, remedy: String = "") {
        self.kind = kind
        self.what = what
        self.why = why
        self.remedy = remedy
    }
}

/// The daemon's answer: `{"v":1,"ok":...}` or `{"v":1,"error":{code,what,why,remedy}}`, on one line.
public enum ControlReply: Hashable, Sendable {
    case value(JSONValue)
    case error(ControlError)

    /// With its newline.
    public var line: String {
        let body: JSONValue.Member =
            switch self {
            case .value(let value): .init(name: "ok", value: value)
            case .error(let error):
                .init(
                    name: "error",
                    value: [
                        "code": .integer(Int64(error.kind.rawValue)), "what": .string(error.what),
                        "why": .string(error.why), "remedy": .string(error.remedy),
                    ])
            }
        return JSONValue.object([.init(name: "v", value: .integer(Int64(ControlRequest.version))), body]).compact + "\n"
    }

    /// Reads one line; nil where it is no reply.
    public init?(line: some Sequence<UInt8>) {
        guard let value = try? JSONValue(parsing: line) else { return nil }
        if let ok = value["ok"] {
            self = .value(ok)
        } else if let error = value["error"], let code = error["code"]?.number(Int32.self),
            let what = error["what"]?.text,
            let why = error["why"]?.text
        {
            let kind = ControlError.Kind(rawValue: code) ?? .failed
            self = .error(ControlError(kind, what, why, remedy: error["remedy"]?.text ?? ""))
        } else {
            return nil
        }
    }
}
