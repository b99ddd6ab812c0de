public import EventModel

/// What is known of one process. Its creator never changes; everything else is the latest that was seen.
public struct TrackedProcess: Sendable {
    public var key: ProcessKey
    /// The process that forked it. Nil where that was before the collector's time, or lost.
    public var creator: ProcessKey?
    /// How the edge to `creator` is known: seen at fork, or read from `/proc` afterwards, when it may have been reparented.
    public var edgeSource: Source
    /// Its parent's pid at the latest look.
    public var parentPID: Int32?
    public var innerPID: Int32?
    public var uid: UInt32?
    public var cgroup: CgroupID
    /// Shared with the creator until it executes something itself.
    public internal(set) var image: TrackedImage?
    /// When `image` was executed by the process itself; nil while it is the one it was born with.
    public internal(set) var imageSince: BootTime?
    /// What the creator ran when it made this process.
    var bornImage: TrackedImage?
    /// Images between the first and the last, the oldest first; shells execute their last command in their own place.
    var formerImages: [(since: BootTime, image: TrackedImage)] = []
    /// Only for those that have no image.
    public var fallbackComm: String
    public var isKernelThread: Bool
    /// Whether its start was observed (bpf, or the proc connector) or read afterwards.
    public var seenBy: Source
    public var exit: Ending?
    /// Index of its agent membership, 0 for none; inherited at fork.
    public var tag: Int32

    /// Entries whose creator is this one.
    var retainedChildren: Int32 = 0
    var isQueued = false
    /// Its place in the table is free.
    var isVacant = false

    public struct Ending: Hashable, Sendable {
        public var at: BootTime
        /// Nil where nobody saw how.
        public var status: ExitStatus?
        public var maxRSSKiB: UInt32
    }

    public var isAlive: Bool { exit == nil }

    public var comm: String { image?.value.comm ?? fallbackComm }

    /// What it ran at that moment. An act is told with the program that did it, not with what came after.
    public func image(at time: BootTime) -> ExecImage? {
        guard let since = imageSince, time < since else { return image?.value }
        return (formerImages.last { $0.since <= time }?.image ?? bornImage ?? image)?.value
    }

    public func comm(at time: BootTime) -> String { image(at: time)?.comm ?? fallbackComm }

    /// What it executed itself before its present image; nil where that is the first, or where nobody saw.
    public var previousImage: ExecImage? { formerImages.last?.image.value }

    /// What its creator ran when it made it; nil where that was not seen.
    public var creatorImage: ExecImage? { (bornImage ?? (imageSince == nil ? image : nil))?.value }

    init(key: ProcessKey, seenBy: Source) {
        self.key = key
        self.seenBy = seenBy
        edgeSource = seenBy
        cgroup = .unknown
        fallbackComm = ""
        isKernelThread = false
        tag = 0
    }

    static let vacant: TrackedProcess = {
        var vacant = TrackedProcess(key: ProcessKey(pid: 0, start: .zero), seenBy: .collector)
        vacant.isVacant = true
        return vacant
    }()
}

/// An exec image, shared by all that inherited it; counts its holders so that its bytes are accounted for once.
public final class TrackedImage: @unchecked Sendable {
    // Unchecked: `value` never changes, and `holders` and `cost` are touched by the table alone.
    public let value: ExecImage
    var holders = 0
    let cost: Int

    init(_ value: ExecImage) {
        self.value = value
        let markers = value.markers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 64 }
        let paths = value.path.utf8.count + (value.exe?.utf8.count ?? 0) + (value.cwd?.utf8.count ?? 0)
        cost = 208 + value.argv.head.count + value.argv.tail.count + paths + markers
    }
}
