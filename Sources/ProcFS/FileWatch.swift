public import EventModel
import Glibc

/// Waits for changes of a set of files by inotify. The kernel tells of those of a cgroup's `memory.events`.
public final class FileWatch {
    public let descriptor: Int32
    private var numbers: [String: Int32] = [:]
    private var paths: [Int32: String] = [:]
    /// Most files at once.
    public let capacity: Int

    public init(capacity: Int = 512) throws(SystemCallError) {
        descriptor = try systemCall("inotify_init1", "") { inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK)) }
        self.capacity = capacity
    }

    deinit { close(descriptor) }

    /// Watches exactly these, as far as there is room and they exist.
    public func watch(_ wanted: some Sequence<String>) {
        let wanted = Set(wanted.prefix(capacity))
        for (path, number) in numbers where !wanted.contains(path) {
            inotify_rm_watch(descriptor, number)
            numbers[path] = nil
            paths[number] = nil
        }
        for path in wanted where numbers[path] == nil {
            let number = inotify_add_watch(descriptor, path, UInt32(IN_MODIFY))
            guard number >= 0 else { continue }
            numbers[path] = number
            paths[number] = path
        }
    }

    public var count: Int { numbers.count }

    /// Those that changed since the last call, each once.
    public func changes() -> Set<String> {
        var changed: Set<String> = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return changed }
            for event in Self.events(buffer[..<count]) {
                guard let path = paths[event.number] else { continue }
                if event.isGone {
                    paths[event.number] = nil
                    numbers[path] = nil
                } else {
                    changed.insert(path)
                }
            }
        }
    }

    /// `struct inotify_event`: number, mask, cookie, length of the name that follows.
    static func events(_ bytes: Bytes) -> [(number: Int32, isGone: Bool)] {
        var events: [(number: Int32, isGone: Bool)] = []
        var rest = bytes
        while let number = rest.integer(at: 0, Int32.self), let mask = rest.integer(at: 4, UInt32.self),
            let length = rest.integer(at: 12, UInt32.self), rest.count - 16 >= Int(clamping: length)
        {
            events.append((number, mask & UInt32(IN_IGNORED) != 0))
            rest = rest.dropFirst(16 + Int(clamping: length))
        }
        return events
    }
}
