internal import EventModel

/// The files that the library reads the decisive entries from. It gives up a file that it finds damaged, and closes one
/// that was removed, whether or not it had been read, and tells neither: what is not open any more shows it.
struct JournalHoldings {
    /// What was not read and cannot be any more.
    struct Loss: Hashable {
        /// CLOCK_MONOTONIC in microseconds of the last entry that was read, and of the last that was there.
        var from: UInt64?
        var to: UInt64?
        var why: String
        /// journald still writes to it: what comes next may be readable again.
        var isOnline = false
    }

    private let boot: String
    private let folders: [String]
    private(set) var held: [Int32: JournalFile] = [:]
    /// Open for the other reader.
    private var others: [Int32: JournalFile.Identity] = [:]
    /// Files that the library does not take, since when; and whether that was said.
    private var refused: [JournalFile.Identity: (since: BootTime, isTold: Bool)] = [:]
    /// Losses that were told, so that a file that is given up each time that it is opened is told once.
    private var told: [JournalFile.Identity: UInt64] = [:]

    /// A file that is being made is not readable for a moment.
    private static let makingTime = Interval.seconds(2)
    private static let most = 1024

    init(folders: [String], boot: String) {
        self.folders = folders
        self.boot = boot
    }

    /// After the other reader has opened something.
    mutating func noteOthers() {
        for (descriptor, file) in JournalFile.open(boot: boot) where held[descriptor]?.identity != file.identity {
            others[descriptor] = file.identity
        }
    }

    /// After the reader of decisive entries has read or opened something: what it gave up since the last call and had
    /// entries that were not read. All had been read up to `read` before it looked for removed files, and up to `checked`
    /// at the last call; both in microseconds of CLOCK_MONOTONIC.
    mutating func update(read: UInt64, checked: UInt64) -> [Loss] {
        let open = JournalFile.open(boot: boot)
        others = others.filter { open[$0.key]?.identity == $0.value }
        let now = open.filter { others[$0.key] == nil }
        let kept = Set(now.values.map(\.identity))
        let gone = Dictionary(grouping: held.values.filter { !kept.contains($0.identity) }, by: \.identity)
            .compactMap(\.value.first).sorted { $0.path < $1.path }
        held = now
        guard !gone.isEmpty else { return [] }
        let present = JournalFile.all(in: folders, boot: boot)
        return gone.compactMap { file in
            let present = present.first { $0.identity == file.identity }
            return loss(of: file, present, since: present == nil ? read : checked)
        }
    }

    private mutating func loss(of file: JournalFile, _ present: JournalFile?, since position: UInt64) -> Loss? {
        // Its header as it is now tells more, unless that is what was damaged.
        let tail = [file.tail, present?.tail].compactMap(\.self).max()
        guard let tail, tail > position, told[file.identity] != tail else { return nil }
        if told.count >= Self.most { told = [:] }
        told[file.identity] = tail
        let why =
            present == nil
            ? "\(file.name) was removed before it was read to its end"
            : "\(file.name) is damaged: not all of its entries can be read"
        return Loss(from: position, to: tail, why: why, isOnline: present?.isOnline ?? false)
    }

    /// Files that lie there and that the library does not take, each told once.
    mutating func newlyRefused(at now: BootTime, wall: WallOffset, since start: BootTime) -> [Loss] {
        let kept = Set(held.values.map(\.identity))
        let candidates = JournalFile.all(in: folders, boot: boot).filter { !kept.contains($0.identity) }
        let present = Set(candidates.map(\.identity))
        refused = refused.filter { present.contains($0.key) }
        var losses: [Loss] = []
        for file in candidates where refused.count < Self.most {
            let known = refused[file.identity] ?? (now, false)
            refused[file.identity] = known
            guard !known.isTold, told[file.identity] == nil, known.since + Self.makingTime <= now else { continue }
            refused[file.identity] = (known.since, true)
            // What has not been written to since is of the past.
            guard wall.boot(file.changedAt) >= start else { continue }
            losses.append(Loss(why: "\(file.name) cannot be read: it is damaged or empty"))
        }
        return losses
    }

    /// Names of those that are not read, for the status.
    var refusedCount: Int { refused.values.count { $0.isTold } }
}
