public import EventModel

/// The directories of the cgroup hierarchy by id, so that a process's cgroup has a path and a unit even after it is gone.
public struct CgroupTree: Sendable {
    private struct Directory {
        var parent: CgroupID
        var name: String
        var isRemoved = false
    }

    /// Most directories kept; removed ones go first, the oldest first.
    public let capacity: Int
    private var directories: [CgroupID: Directory] = [:]
    private var removed: [CgroupID] = []

    public init(capacity: Int = 65_536) {
        self.capacity = capacity
    }

    public var count: Int { directories.count }

    public mutating func apply(_ event: Event) {
        guard case .cgroup(let change) = event.body else { return }
        switch change {
        case .made(let id, let parent, let name):
            if directories[id] == nil { makeRoom() }
            if directories[id] != nil || directories.count < capacity {
                directories[id] = Directory(parent: parent, name: name)
            }
        case .removed(let id):
            guard directories[id]?.isRemoved == false else { return }
            directories[id]?.isRemoved = true
            removed.append(id)
        case .moved:
            return
        }
    }

    private mutating func makeRoom() {
        guard directories.count >= capacity, !removed.isEmpty else { return }
        let batch = removed.prefix(max(1, capacity / 16))
        // One that was made again under the same id since is in use.
        for id in batch where directories[id]?.isRemoved == true { directories[id] = nil }
        removed.removeFirst(batch.count)
    }

    /// `/system.slice/web.service`; nil where a directory of it is not known. The root of what the collector sees is `/`.
    public func path(of id: CgroupID) -> String? {
        var names: [String] = []
        var current = id
        for _ in 0..<64 {
            guard let directory = directories[current] else { return nil }
            if directory.name.isEmpty { return "/" + names.reversed().joined(separator: "/") }
            names.append(directory.name)
            current = directory.parent
        }
        return nil
    }

    /// The innermost container that the cgroup is of or within, and that container's own directory.
    func container(of id: CgroupID) -> (id: ContainerID, directory: CgroupID)? {
        var current = id
        for _ in 0..<64 {
            guard let directory = directories[current] else { return nil }
            if let container = ContainerID(cgroupName: directory.name) { return (container, current) }
            current = directory.parent
        }
        return nil
    }

    /// The unit that the path belongs to: the innermost component that is a service or a scope.
    public func unit(of id: CgroupID) -> String? {
        path(of: id)?.split(separator: "/").last { $0.hasSuffix(".service") || $0.hasSuffix(".scope") }.map(String.init)
    }
}
