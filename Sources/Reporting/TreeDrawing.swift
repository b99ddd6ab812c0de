/// Box characters in front of the nodes of trees given in pre-order. Depth is bounded only by the data, so nothing recurses.
struct TreeDrawing {
    /// Before a node's first line, and before those that follow.
    let leads: [(first: VisibleText, below: VisibleText)]

    /// Deeper nodes are drawn at this depth; their lines say how deep they are.
    static let deepest = 16

    /// `depths`: of each node in pre-order; 0 for a root.
    init(depths: [Int]) {
        let drawn = depths.map { min(max(0, $0), Self.deepest) }
        // From the end: whether a node of the same depth follows before the tree goes up.
        var follows = [Bool](repeating: false, count: Self.deepest + 1)
        var columns = [[Bool]](repeating: [], count: drawn.count)
        for index in drawn.indices.reversed() {
            let depth = drawn[index]
            columns[index] = Array(follows[...depth])
            follows[depth] = true
            for deeper in (depth + 1)..<(Self.deepest + 2) where deeper <= Self.deepest { follows[deeper] = false }
        }
        leads = zip(drawn, columns).map { depth, follows in
            guard depth > 0 else { return ("", "") }
            var before: VisibleText = ""
            for level in 1..<max(1, depth) { before += follows[level] ? "│  " : "   " }
            return follows[depth] ? (before + "├─ ", before + "│  ") : (before + "└─ ", before + "   ")
        }
    }
}
