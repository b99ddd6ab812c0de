import EventModel
import Reporting

/// What an agent's hook is given, as far as it is of use here: the session's id and the name of the event. All else is
/// left where it is.
///
/// Claude Code, Codex and Gemini CLI write `{"session_id", "hook_event_name", "transcript_path", "cwd", ...}` to a hook's
/// stdin; Codex's `notify` passes `{"type", "thread-id", ...}` as its last argument; others spell the same in camel case.
public struct SessionHook: Hashable, Sendable {
    /// Nil where there is none, or one that is no plain word.
    public var session: String?
    /// Empty where there is none.
    public var event: String

    /// Longest input that is read, in bytes.
    public static let longest = 1 << 20

    private static let sessionNames = [
        "session_id", "sessionId", "conversation_id", "conversationId", "thread-id", "thread_id", "threadId",
    ]
    private static let eventNames = ["hook_event_name", "hookEventName", "event", "type"]

    /// Nil for what is no JSON object.
    public init?(parsing text: some Sequence<UInt8>) {
        guard let value = try? JSONValue(parsing: text), value.members != nil else { return nil }
        session = Self.sessionNames.lazy.compactMap { value[$0]?.text }.first { Registration.isSession($0) }
        event = Self.eventNames.lazy.compactMap { value[$0]?.text }.first { Registration.isName($0) } ?? ""
    }

    /// `SessionEnd`, `sessionEnd`, `session-end`, ...
    public var isEnd: Bool {
        let letters = event.lowercased().filter { $0.isLetter }
        return letters == "sessionend" || letters == "sessionended"
    }
}
