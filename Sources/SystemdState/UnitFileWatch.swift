internal import EventModel
internal import Glibc
internal import ProcFS

/// Who changes the files of units, of the system's manager and of users': in the directories that they load them from, and
/// in those of drop-ins there; and what they then say of memory. What managers write themselves (`system.control`,
/// `transient`) is asked for by calls.
final class UnitFileWatch: SystemdBackend {
    private let watch: FolderWatch?
    private var roots: [String: ManagerScope?] = [:]
    private var lookedAt: BootTime?
    private var lostBefore: UInt64 = 0
    private var why = ""
    private let run: String
    private let reader: UnitFileReader?
    private var waiting = UnitFilesWaiting()

    static let name = Gap.unitFiles
    private static let lookPeriod = Interval.seconds(10)
    private static let systemFolders = [
        "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    ]
    private static let usersFolders = ["/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user"]
    /// Most users that are looked after.
    private static let mostUsers = 256

    /// `run` is `/run`, where the directories of users who are there lie.
    init(run: String, at now: BootTime) {
        self.run = run
        do throws(SystemCallError) {
            watch = try FolderWatch()
            reader = UnitFileReader()
        } catch {
            (watch, reader) = (nil, nil)
            why = "\(error.call) failed with errno \(error.errno)"
        }
        look(at: now)
    }

    deinit { reader?.end() }

    var hasMore: Bool { false }
    var isSettled: Bool { true }
    var descriptors: [Watched] {
        [watch?.descriptor, reader?.descriptor].compactMap { descriptor in
            descriptor.map { Watched(descriptor: $0, events: Watched.input, life: 0) }
        }
    }

    var statuses: [SourceStatus] {
        guard watch != nil, !roots.isEmpty else {
            let reason = why.isEmpty ? "no directory of units is there" : why
            return [
                SourceStatus(name: Self.name, state: .missing, why: "who changes unit files is not seen: \(reason)")
            ]
        }
        return [
            SourceStatus(
                name: Self.name, state: .active,
                why: "by fanotify" + (why.isEmpty ? "" : "; not everywhere: \(why)"))
        ]
    }

    func poll(at now: BootTime) -> [Event] {
        guard let watch else { return [] }
        for change in watch.changes() { take(change, at: now) }
        var events = waiting.take(reader?.answers() ?? [], at: now)
        if watch.lost > lostBefore {
            let gap = Gap(
                source: Self.name, from: lookedAt ?? now, to: now, lost: watch.lost - lostBefore,
                why: "too many changes of unit files at once")
            events.append(Event(time: now, source: .collector, body: .gap(gap)))
            lostBefore = watch.lost
            reader?.missed()
        }
        if lookedAt.map({ $0 + Self.lookPeriod <= now }) ?? true { look(at: now) }
        return events
    }

    func rest(at now: BootTime) -> [Event] { waiting.rest(reader?.answers() ?? [], at: now) }

    private func take(_ change: FolderWatch.Change, at now: BootTime) {
        let path = change.folder + "/" + change.name
        guard change.isFolder else {
            // A file is told of when it has been written; a link never is.
            if change.kind == .made, !Self.isLink(path) { return }
            found(path, change.kind, in: change.folder, by: change.pid, at: now)
            return
        }
        guard change.name.hasSuffix(".d") else { return }
        // A directory that comes has nothing in it that was there before.
        reader?.emptied(folder: path)
        if change.kind == .removed {
            watch?.forget(path)
            return
        }
        // What was put there before it was watched was put there by whoever made it, as a rule: nobody else knew of it.
        enter(path)
        for name in Folder.names(in: path) where name.hasSuffix(".conf") {
            found(path + "/" + name, .placed, in: change.folder, by: change.pid, at: now)
        }
    }

    /// Symbolic, or another name of a file that was there before.
    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFLNK || status.st_nlink > 1
    }

    private func found(
        _ path: String, _ kind: FolderWatch.Kind, in folder: String, by pid: Int32, at now: BootTime
    ) {
        let step: UnitFileChange.Step =
            switch kind {
            case .written: .written
            case .made, .placed: .placed
            case .removed: .removed
            }
        let change = UnitFileChange(path: path, step: step, manager: scope(of: folder), writer: pid)
        let event = Event(
            time: now, source: .fanotify, process: pid == 0 ? nil : ProcFS().key(of: pid), body: .unitFile(change))
        waiting.add(event, change, reader)
    }

    /// Of that directory, or of the one in which it lies.
    private func scope(of folder: String) -> ManagerScope? {
        if let scope = roots[folder] { return scope }
        let parent = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
        return roots[parent] ?? nil
    }

    // MARK: Which directories

    private func look(at now: BootTime) {
        lookedAt = now
        // A home on a server that does not answer would hold up everything else.
        let mounts = LocalMounts()
        for folder in Self.systemFolders { enter(root: folder, .system) }
        for folder in Self.usersFolders { enter(root: folder, nil) }
        for uid in ([0] + users()).prefix(Self.mostUsers) {
            guard let home = Self.home(of: uid), mounts.isLocal(home) else { continue }
            enter(root: home + "/.config/systemd/user", .user(uid))
        }
    }

    private func users() -> [UInt32] { Folder.names(in: run + "/user").compactMap { UInt32($0) }.sorted() }

    private func enter(root folder: String, _ scope: ManagerScope?) {
        guard let watch, !watch.isWatching(folder) else { return }
        guard enter(folder) else { return }
        roots[folder] = .some(scope)
        reader?.learn(folder: folder)
        for name in Folder.names(in: folder) where name.hasSuffix(".d") {
            if enter(folder + "/" + name) { reader?.learn(folder: folder + "/" + name) }
        }
    }

    @discardableResult
    private func enter(_ folder: String) -> Bool {
        guard let watch else { return false }
        do throws(SystemCallError) {
            try watch.watch(folder)
            return true
        } catch {
            // One that is not there is nothing to be told of.
            if error.errno != ENOENT && error.errno != ENOTDIR {
                why = "\(folder): \(error.call) failed with errno \(error.errno)"
            }
            return false
        }
    }

    private static func home(of uid: UInt32) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress,
                getpwuid_r(uid, &entry, base, buffer.count, &found) == 0, found != nil, let home = entry.pw_dir
            else { return nil }
            return String(cString: home)
        }
    }
}
