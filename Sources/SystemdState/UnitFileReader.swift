internal import CSystemd
internal import EventModel
internal import Glibc
internal import ProcFS
internal import Synchronization

/// Reads what files of units say of memory, on a thread of its own: whoever places a link there chooses where it leads, and
/// that may be a file system that does not answer.
final class UnitFileReader: Sendable {
    /// Readable when there is an answer.
    let descriptor: Int32
    private let bell: Int32
    private let state = Mutex(State())

    struct Answer {
        var ticket: UInt64
        var settings: MemorySettings?
        var before: MemorySettings?
    }

    private enum Request {
        /// Its files are to be known before they change.
        case folder(String)
        case emptyFolder(String)
        case file(UnitFileChange, ticket: UInt64)
    }

    private struct State {
        var requests: [Request] = []
        var answers: [Answer] = []
        var nextTicket: UInt64 = 0
        /// Something changed of which the thread was not told.
        var hasMissed = false
        var isOver = false
    }

    /// Longest file that is read, in bytes; most that wait to be.
    static let longestFile = 64 << 10
    private static let mostRequests = 2048
    /// Most files that are read before they change, in all.
    private static let mostAtFirst = 4096

    /// Nil where the system has no room for it.
    init?() {
        bell = eventfd(0, Int32(EFD_CLOEXEC))
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard bell >= 0, descriptor >= 0, let thread = WorkerThread({ [self] in run() }) else { return nil }
        thread.detach()
    }

    deinit {
        close(bell)
        close(descriptor)
    }

    /// The thread ends when it comes back from what it reads.
    func end() {
        state.withLock { $0.isOver = true }
        Self.ring(bell)
    }

    func learn(folder: String) { ask(.folder(folder)) }

    /// It has come just now, or is gone.
    func emptied(folder: String) { ask(.emptyFolder(folder)) }

    /// What the file says now, and what it said before; nil where there are too many to read.
    func read(_ change: UnitFileChange) -> UInt64? {
        let ticket = state.withLock { state in
            state.nextTicket &+= 1
            return state.nextTicket
        }
        return ask(.file(change, ticket: ticket)) ? ticket : nil
    }

    /// A change of which nothing is to be read.
    func missed() { state.withLock { $0.hasMissed = true } }

    func answers() -> [Answer] {
        var count: UInt64 = 0
        _ = Glibc.read(descriptor, &count, 8)
        return state.withLock { state in
            defer { state.answers = [] }
            return state.answers
        }
    }

    @discardableResult
    private func ask(_ request: Request) -> Bool {
        let isTaken = state.withLock { state in
            guard state.requests.count < Self.mostRequests else {
                state.hasMissed = true
                return false
            }
            state.requests.append(request)
            return true
        }
        if isTaken { Self.ring(bell) }
        return isTaken
    }

    private static func ring(_ bell: Int32) {
        var count: UInt64 = 1
        _ = write(bell, &count, 8)
    }

    // MARK: On its thread

    private func run() {
        var memory = UnitFileMemory()
        var left = Self.mostAtFirst
        while true {
            var count: UInt64 = 0
            // Waits until somebody asks.
            if Glibc.read(bell, &count, 8) < 0, errno != EINTR { return }
            while let request = next(&memory) { answer(request, &memory, &left) }
            if state.withLock({ $0.isOver }) { return }
        }
    }

    private func next(_ memory: inout UnitFileMemory) -> Request? {
        let (request, hasMissed) = state.withLock { state -> (Request?, Bool) in
            defer { state.hasMissed = false }
            if state.isOver || state.requests.isEmpty { return (nil, state.hasMissed) }
            return (state.requests.removeFirst(), state.hasMissed)
        }
        if hasMissed { memory.forget() }
        return request
    }

    private func answer(_ request: Request, _ memory: inout UnitFileMemory, _ left: inout Int) {
        switch request {
        case .folder(let folder): learn(folder, &memory, &left)
        case .emptyFolder(let folder): memory.emptied(folder)
        case .file(let change, let ticket):
            let settings = change.step == .removed ? nil : Self.settings(of: change)
            // Where it is gone it says nothing.
            let before = memory.learn(change.path, change.step == .removed ? MemorySettings() : settings)
            state.withLock { $0.answers.append(Answer(ticket: ticket, settings: settings, before: before)) }
            Self.ring(descriptor)
        }
    }

    private func learn(_ folder: String, _ memory: inout UnitFileMemory, _ left: inout Int) {
        for name in Folder.names(in: folder) {
            let file = UnitFileChange(path: folder + "/" + name, step: .placed, manager: nil, writer: 0)
            // A directory of drop-ins has a name that is a unit's as well.
            guard file.limitSection != nil, !name.hasSuffix(".d") else { continue }
            guard left > 0 else { return }
            left -= 1
            _ = memory.learn(file.path, Self.settings(of: file))
        }
        memory.complete(folder)
    }

    private static func settings(of change: UnitFileChange) -> MemorySettings? {
        guard let section = change.limitSection,
            let text = RegularFile.read(change.path, limit: longestFile)
        else { return nil }
        return UnitFileText.settings(text[...], section: section)
    }
}
