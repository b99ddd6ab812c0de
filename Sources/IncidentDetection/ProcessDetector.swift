public import EventModel
public import ProcessTracking

/// A disruption that has settled: what follows from it has been given time to happen.
public struct Detected: Hashable, Sendable {
    public var subject: Subject
    public var disruption: Disruption
    public var settledAt: BootTime

    public init(subject: Subject, disruption: Disruption, settledAt: BootTime) {
        self.subject = subject
        self.disruption = disruption
        self.settledAt = settledAt
    }
}

/// Finds the ends of watched processes, and whether they came back.
public struct ProcessDetector: Sendable {
    public let watches: [ProcessWatch]
    public let settle: Interval
    /// Most main processes followed at once; further ones are counted, not followed.
    public let capacity: Int
    public private(set) var unfollowed: UInt64 = 0

    /// By pid, as only one of a pid lives; a main whose end was missed goes with its pid's next holder.
    private var mains: [Int32: Main] = [:]
    /// What settles first stands first.
    private var pending: [Detected] = []

    private struct Main {
        var key: ProcessKey
        var name: String
    }

    public init(watches: [ProcessWatch], settle: Interval = .seconds(2), capacity: Int = 16_384) {
        self.watches = watches
        self.settle = settle
        self.capacity = capacity
    }

    /// Takes in one event, after the table has; returns what has settled by its time.
    public mutating func apply(_ event: Event, table: ProcessTable) -> [Detected] {
        switch event.body {
        case .exec(let exec): look(at: event, exec.image, table)
        case .seen(let seen): if let image = seen.image { look(at: event, image, table) }
        case .exit(let exit): ended(event, exit)
        default: break
        }
        return settled(by: event.time)
    }

    /// Whether that is a main process of a watch, and alive as far as is known.
    public func isWatched(_ key: ProcessKey) -> Bool { mains[key.pid].map { $0.key == key } ?? false }

    /// When the next disruption settles, if one waits.
    public var nextSettling: BootTime? { pending.first?.settledAt }

    /// At the end of a recording: everything that still waits.
    public mutating func finish() -> [Detected] {
        defer { pending = [] }
        return pending
    }

    private mutating func settled(by time: BootTime) -> [Detected] {
        guard let first = pending.first, first.settledAt <= time else { return [] }
        let ready = pending.prefix { $0.settledAt <= time }
        pending.removeFirst(ready.count)
        return Array(ready)
    }

    private mutating func look(at event: Event, _ image: ExecImage, _ table: ProcessTable) {
        guard !watches.isEmpty, let key = event.process.flatMap({ table.known($0) }) else { return }
        guard let watch = watches.first(where: { $0.matches(key, image) }) else {
            // It has become something else by exec: it was only a wrapper.
            mains[key.pid] = nil
            return
        }
        guard mains[key.pid]?.key != key, !isWorker(key, of: watch.name, table) else { return }
        if mains.count >= capacity { dropEnded(table) }
        guard mains.count < capacity else {
            unfollowed += 1
            return
        }
        mains[key.pid] = Main(key: key, name: watch.name)
        recovered(watch.name, key, at: event.time)
    }

    /// A process that a main process of the same name has made is its worker, not another daemon.
    private func isWorker(_ key: ProcessKey, of name: String, _ table: ProcessTable) -> Bool {
        table.forkLineage(of: key).dropFirst().contains { ancestor in
            mains[ancestor.key.pid].map { $0.key == ancestor.key && $0.name == name } ?? false
        }
    }

    /// Ends that were lost leave mains that will never end.
    private mutating func dropEnded(_ table: ProcessTable) {
        mains = mains.filter { table[$0.value.key]?.isAlive ?? false }
    }

    private mutating func ended(_ event: Event, _ exit: Exit) {
        guard let key = event.process, let main = mains[key.pid], main.key == key || main.key.matches(tick: key) else {
            return
        }
        mains[key.pid] = nil
        let detected = Detected(
            subject: Subject(kind: .process, name: main.name),
            disruption: Disruption(
                kind: Self.kind(of: exit.status), at: event.time, mainBefore: main.key, status: exit.status),
            settledAt: event.time + settle)
        // Records of several processors may come out of order.
        let place = pending.lastIndex { $0.settledAt <= detected.settledAt }.map { $0 + 1 } ?? 0
        pending.insert(detected, at: place)
    }

    private static func kind(of status: ExitStatus?) -> Disruption.Kind {
        guard let status else { return .degraded }
        if status.signal != nil { return .killed }
        return status.isSuccess ? .stopped : .failed
    }

    private mutating func recovered(_ name: String, _ main: ProcessKey, at time: BootTime) {
        guard let waiting = pending.firstIndex(where: { $0.subject.name == name && $0.disruption.mainAfter == nil })
        else {
            return
        }
        pending[waiting].disruption.kind = .restarted
        pending[waiting].disruption.mainAfter = main
        pending[waiting].disruption.recoveredAt = time
    }
}
