public import Attribution
public import EventModel

/// Agents' trees of processes, for `agents list` and `agents tree`.
///
/// In pre-order with depths, not nested: a chain of forks may be tens of thousands long, and a nested value that deep can
/// neither be walked nor freed without running out of stack.
public struct AgentForest: Hashable, Sendable {
    public struct Node: Hashable, Sendable {
        public var process: ProcessDescription
        /// 0 for a root; at most one more than that of the node before.
        public var depth: Int
        /// What it is to its agent, `mcp-server` or `browser`; nil for most.
        public var part: String?

        public init(process: ProcessDescription, depth: Int, part: String? = nil) {
            self.process = process
            self.depth = depth
            self.part = part
        }
    }

    /// A process before each of its children.
    public var nodes: [Node]
    public var wallOffset: WallOffset

    public init(nodes: [Node], wallOffset: WallOffset) {
        self.nodes = nodes
        self.wallOffset = wallOffset
    }

    /// From processes and who made each. A process whose parent is not among them is a root, and so is the earliest of
    /// a circle (which damaged input may hold). Siblings are in order of their start.
    public init(
        _ processes: [(process: ProcessDescription, parent: ProcessKey?)], parts: [ProcessKey: String] = [:],
        wallOffset: WallOffset
    ) {
        let sorted = processes.sorted {
            ($0.process.key.start, $0.process.key.pid) < ($1.process.key.start, $1.process.key.pid)
        }
        let known = Set(sorted.map(\.process.key))
        var children: [ProcessKey: [Int]] = [:]
        var roots: [Int] = []
        for (index, entry) in sorted.enumerated() {
            if let parent = entry.parent, known.contains(parent), parent != entry.process.key {
                children[parent, default: []].append(index)
            } else {
                roots.append(index)
            }
        }
        var nodes: [Node] = []
        var isPlaced = [Bool](repeating: false, count: sorted.count)
        // The roots; then what only a circle reaches.
        for start in roots + Array(sorted.indices) where !isPlaced[start] {
            var waiting = [(index: start, depth: 0)]
            while let (index, depth) = waiting.popLast() {
                guard !isPlaced[index] else { continue }
                isPlaced[index] = true
                let process = sorted[index].process
                nodes.append(Node(process: process, depth: depth, part: parts[process.key]))
                for child in (children[sorted[index].process.key] ?? []).reversed() {
                    waiting.append((child, depth + 1))
                }
            }
        }
        self.init(nodes: nodes, wallOffset: wallOffset)
    }
}
