/// An agent said of itself, through a hook or `agents run`, what it is and which session it works for. The event's process
/// is the one that said it. The collector had checked before that `root` is that process, or one that it descends from.
public struct Registration: Hashable, Sendable {
    /// The agent's process.
    public var root: ProcessKey
    /// What the agent is called; nil for whatever it is known as.
    public var agent: String?
    public var session: String?
    /// The session is over.
    public var isOver: Bool
    /// The hook's own name for the event (`SessionStart`); empty where there was none.
    public var hook: String

    /// Longest name, id and event, in bytes.
    public static let longestName = 64
    public static let longestSession = 128
    public static let longestHook = 64

    public init(root: ProcessKey, agent: String? = nil, session: String? = nil, isOver: Bool = false, hook: String = "")
    {
        self.root = root
        self.agent = agent
        self.session = session
        self.isOver = isOver
        self.hook = hook
    }

    /// Letters, digits, `-`, `_` and `.`, at least one letter: what a name can be in a unit's name and in a variable.
    public static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= longestName && text.utf8.first != UInt8(ascii: ".")
            && text.utf8.allSatisfy(isNameByte) && text.utf8.contains { (0x41...0x5A).contains($0 & 0xDF) }
    }

    /// Visible ASCII.
    public static func isSession(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= longestSession && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte & 0xDF) || (0x30...0x39).contains(byte)
            || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
    }
}
