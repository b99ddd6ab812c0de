public import EventModel

/// The sessions of one agent's tree, each with the time in which it was in force. One process goes through several
/// (a conversation is cleared or resumed), and an agent that was started inside another has its own.
public struct SessionLabels: Hashable, Sendable {
    public struct Span: Hashable, Sendable {
        public var id: String
        public var from: BootTime
        /// Nil while it is in force.
        public var to: BootTime?
        /// The process whose session it is: an agent's, of which there may be several in one tree.
        public var holder: ProcessKey
    }

    /// The oldest first.
    public private(set) var spans: [Span] = []
    /// Older ones that were forgotten.
    public private(set) var forgotten: UInt64 = 0

    /// Most spans that are kept.
    public static let capacity = 16

    init() {}

    /// The latest that began.
    public var latest: String? { spans.last?.id }

    /// The holder works for that session from now on.
    mutating func begin(_ id: String, holder: ProcessKey, at time: BootTime) {
        if let last = spans.lastIndex(where: { $0.holder == holder }) {
            guard spans[last].id != id || spans[last].to != nil else { return }
            if spans[last].to == nil { spans[last].to = time }
        }
        spans.append(Span(id: id, from: time, to: nil, holder: holder))
        guard spans.count > Self.capacity else { return }
        spans.remove(at: spans.firstIndex { $0.to != nil } ?? 0)
        forgotten += 1
    }

    /// The session is over: that of that id, or all of the holder's.
    mutating func end(_ id: String?, holder: ProcessKey, at time: BootTime) {
        for index in spans.indices
        where spans[index].holder == holder && spans[index].to == nil && (id ?? spans[index].id) == spans[index].id {
            spans[index].to = time
        }
    }

    /// The holder's session at that time. A session is known by what its agent starts, so that the first is taken to have
    /// been there before that.
    func inForce(of holder: ProcessKey, at time: BootTime) -> String? {
        let own = spans.filter { $0.holder == holder }
        return (own.last { $0.from <= time } ?? own.first)?.id
    }

    /// Of whichever holder.
    public func inForce(at time: BootTime) -> String? { (spans.last { $0.from <= time } ?? spans.first)?.id }

    func isHeld(by key: ProcessKey) -> Bool { spans.contains { $0.holder == key } }
}
