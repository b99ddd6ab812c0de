import EventModel
import Glibc

/// One process as the proc file system showed it at one moment.
struct ProcessDetails {
    var stat: ProcessStat
    var parent: ProcessKey?
    var uid: UInt32 = .max
    var innerPID: Int32?
    var cgroup: CgroupID = .unknown
    /// Nil for what has none (kernel thread, ended), and where exec after exec left no moment to read it.
    var image: ExecImage?
    var environmentIncomplete = false

    var key: ProcessKey { stat.key }
}

extension ProcPass {
    /// How often a process is read again that has executed something while it was read.
    private static let attempts = 3

    /// Reads all of one process; nil when it is gone. `stats` are those already known in this pass: they spare reading
    /// the parent's.
    mutating func details(of pid: Int32, among stats: [Int32: ProcessStat] = [:])
        throws(SystemCallError) -> ProcessDetails?
    {
        do throws(SystemCallError) {
            let process = try Directory("\(pid)", in: directory)
            guard var before = try Self.stat(at: "stat", in: process) else { return nil }
            for _ in 0..<Self.attempts {
                var details = describe(before, from: process, among: stats)
                details.image = image(of: before, from: process, incomplete: &details.environmentIncomplete)
                guard let after = try Self.stat(at: "stat", in: process) else { return nil }
                if before.isSameImage(as: after) { return details }
                before = after
            }
            return describe(before, from: process, among: stats)
        } catch {
            if error.isGone { return nil }
            throw error
        }
    }

    /// What fork fixes and exec does not: parent, user, namespace, cgroup.
    mutating func describe(_ stat: ProcessStat, from process: borrowing Directory, among stats: [Int32: ProcessStat])
        -> ProcessDetails
    {
        var details = ProcessDetails(stat: stat, parent: parent(of: stat, among: stats))
        if let contents = try? process.contents(of: "status", limit: 64 * 1024),
            let status = ProcessStatus(parsing: contents.bytes[...])
        {
            details.uid = status.uid
            details.innerPID = status.innerPID
        }
        details.cgroup = cgroup(of: process)
        return details
    }

    /// The parent's key; nil for none, for one outside the pid namespace, and for one that is gone. A process that
    /// started after its child is not its parent, only the next owner of the pid.
    func parent(of child: ProcessStat, among stats: [Int32: ProcessStat]) -> ProcessKey? {
        guard child.parentPID > 0 else { return nil }
        // What is known of the parent holds only if the child is known with it, as it is now.
        let isKnown = stats[child.pid].map { $0.startTicks == child.startTicks && $0.parentPID == child.parentPID }
        let known = isKnown == true ? stats[child.parentPID] : nil
        guard let parent = known ?? (try? stat(of: child.parentPID)), parent.startTicks <= child.startTicks else {
            return nil
        }
        return parent.key
    }

    private func image(of stat: ProcessStat, from process: borrowing Directory, incomplete: inout Bool) -> ExecImage? {
        guard stat.hasImage else { return nil }
        let exe = (try? process.link("exe")).map(LinkTarget.init)
        let cwd = (try? process.link("cwd")).map(LinkTarget.init)
        let argv: ArgumentVector
        if let contents = try? process.contents(of: "cmdline", limit: CommandLine.readLimit) {
            argv = CommandLine(parsing: contents.bytes[...], isCut: contents.isCut).argv
        } else {
            argv = ArgumentVector(isUnreadable: true)
        }
        let environment = environment(of: process)
        incomplete = environment.isIncomplete
        return ExecImage(
            path: Self.path(argv: argv, exe: exe?.path, comm: stat.comm), exe: exe?.path, argv: argv,
            markers: environment.markers, cwd: cwd?.path)
    }

    private func environment(of process: borrowing Directory) -> EnvironmentMarkers {
        if markers.isEmpty { return EnvironmentMarkers(markers: [], isIncomplete: true) }
        guard let contents = try? process.contents(of: "environ", limit: EnvironmentMarkers.readLimit) else {
            return .unreadable
        }
        return EnvironmentMarkers(parsing: contents.bytes[...], patterns: markers, isCut: contents.isCut)
    }

    /// How the image was named to execve(2) is not kept by the kernel; the nearest thing to it. A title that a program
    /// has written over its argv, `sshd: dev@pts/0`, is no path.
    static func path(argv: ArgumentVector, exe: String?, comm: String) -> String {
        let first = argv.head.prefix { $0 != 0 }
        if first.contains(.slash), !first.contains(UInt8(ascii: " ")) || first.first == .slash {
            return first.prefix(512).text.clipped(toBytes: 512)
        }
        return exe ?? comm
    }
}

extension ProcessStat {
    /// It has an image of its own that can be looked at. In the middle of an exec there is none, for a moment.
    var hasImage: Bool { !isKernelThread && !hasEnded && startCode != 0 }

    /// Whether both are of one process between two execs, as far as its parent and its addresses tell.
    func isSameImage(as other: ProcessStat) -> Bool {
        startTicks == other.startTicks && startCode == other.startCode && startStack == other.startStack
            && hasEnded == other.hasEnded && parentPID == other.parentPID
    }
}

/// Where `/proc/PID/exe` or `cwd` leads.
struct LinkTarget: Hashable {
    var path: String
    /// The file has been removed or replaced. A name that really ends in ` (deleted)` cannot be told from that.
    var isDeleted: Bool

    init(_ link: String) {
        isDeleted = link.hasSuffix(" (deleted)")
        path = isDeleted ? String(link.dropLast(" (deleted)".count)) : link
    }
}

extension ProcessDetails {
    func seen(at time: BootTime) -> Event {
        event(
            at: time,
            .seen(
                ProcessSeen(
                    parent: parent, innerPID: innerPID, uid: uid, comm: stat.comm, image: image,
                    isKernelThread: stat.isKernelThread)))
    }

    func exec(_ image: ExecImage, at time: BootTime) -> Event {
        event(
            at: time,
            .exec(
                Exec(
                    image: image, parentPID: stat.parentPID, uid: uid, innerPID: innerPID,
                    environmentIncomplete: environmentIncomplete)))
    }

    /// By its parent as it is now, which need not be the one that made it.
    func fork(at time: BootTime) -> Event {
        let fork = Fork(child: key, childInnerPID: innerPID, childParentPID: stat.parentPID, uid: uid)
        return Event(time: time, source: .procfs, process: parent, cgroup: cgroup, body: .fork(fork))
    }

    private func event(at time: BootTime, _ body: Event.Body) -> Event {
        Event(time: time, source: .procfs, process: key, cgroup: cgroup, body: body)
    }
}
