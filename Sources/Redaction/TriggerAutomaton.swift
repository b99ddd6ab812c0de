/// Finds whether any of a set of strings occurs in some bytes: one table look-up a byte, no allocation. It answers the
/// usual question, "is there anything here to look at?", for almost every argv there is. ASCII case is ignored.
struct TriggerAutomaton: Sendable {
    /// The class of each byte; bytes that occur in no trigger share class 0.
    private let classOfByte: [UInt8]
    private let classCount: Int
    /// `[state * classCount + class]` is the next state; `found` once a trigger has been read.
    private let next: [UInt16]

    private static let found = UInt16.max

    /// Triggers that are empty are left out. Past 60,000 states (megabytes of configured patterns) it always answers yes.
    init(_ triggers: [String]) {
        let words = Set(triggers).sorted().map { $0.utf8.map(\.folded) }.filter { !$0.isEmpty }
        var classes = [UInt8](repeating: 0, count: 256)
        var count = 1
        for byte in Set(words.joined()).sorted() where count < 255 {
            classes[Int(byte)] = UInt8(count)
            if byte.isLower { classes[Int(byte & ~0x20)] = UInt8(count) }
            count += 1
        }
        var trie = Trie(classCount: count)
        for word in words { trie.insert(word.map { Int(classes[Int($0)]) }) }
        classOfByte = classes
        classCount = count
        next = trie.states < 60_000 ? trie.automaton(found: Self.found) : [UInt16](repeating: Self.found, count: count)
    }

    func occurs(in bytes: some Sequence<UInt8>) -> Bool {
        var state = 0
        for byte in bytes {
            let target = next[state &* classCount &+ Int(classOfByte[Int(byte)])]
            if target == Self.found { return true }
            state = Int(target)
        }
        return false
    }
}

/// Aho and Corasick's: the triggers as a tree, then the tree with its failure edges filled in.
private struct Trie {
    let classCount: Int
    private var children: [Int]
    private var ends: [Bool] = [false]
    private static let absent = -1

    init(classCount: Int) {
        self.classCount = classCount
        children = [Int](repeating: Self.absent, count: classCount)
    }

    var states: Int { ends.count }

    mutating func insert(_ word: [Int]) {
        var state = 0
        for symbol in word {
            let slot = state * classCount + symbol
            if children[slot] == Self.absent {
                children[slot] = ends.count
                ends.append(false)
                children.append(contentsOf: repeatElement(Self.absent, count: classCount))
            }
            state = children[slot]
        }
        ends[state] = true
    }

    func automaton(found: UInt16) -> [UInt16] {
        var table = [Int](repeating: 0, count: children.count)
        var failure = [Int](repeating: 0, count: states)
        var accepting = ends
        var queue = [0]
        var head = 0
        while head < queue.count {
            let state = queue[head]
            head += 1
            accepting[state] = accepting[state] || accepting[failure[state]]
            for symbol in 0..<classCount {
                let child = children[state * classCount + symbol]
                let fallback = state == 0 ? 0 : table[failure[state] * classCount + symbol]
                table[state * classCount + symbol] = child == Self.absent ? fallback : child
                guard child != Self.absent else { continue }
                failure[child] = fallback
                queue.append(child)
            }
        }
        return table.map { accepting[$0] ? found : UInt16(clamping: $0) }
    }
}
