import FuzzTargets

/// Makes new inputs of old ones: the errors that files, rings and enemies make.
struct Mutation {
    var random: SplitMix64
    /// Inputs never grow beyond it.
    static let largest = 512 * 1024

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func mutate(_ input: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = input
        for _ in 0...random.below(6) { step(&bytes, other) }
        if bytes.count > Self.largest { bytes.removeLast(bytes.count - Self.largest) }
        return bytes
    }

    private mutating func step(_ bytes: inout [UInt8], _ other: [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = other
            return
        }
        let at = random.below(bytes.count)
        switch random.below(9) {
        case 0: bytes[at] ^= 1 << UInt8(random.below(8))
        case 1: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes.removeLast(bytes.count - at)
        case 3: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.below(16)))
        case 4: store(interesting(), width: [1, 2, 4, 8][random.below(4)], at: at, in: &bytes)
        // Where lengths and sizes stand: aligned words near the start.
        case 5: store(interesting(), width: [2, 4][random.below(2)], at: random.below(60) * 2, in: &bytes)
        case 6: bytes.replaceSubrange(at..<bytes.count, with: other.suffix(random.below(other.count + 1)))
        case 7: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + random.below(64))], at: at)
        default: bytes.insert(contentsOf: other.prefix(random.below(other.count + 1)), at: at & ~7)
        }
    }

    /// Numbers at the edge of something.
    private mutating func interesting() -> UInt64 {
        let edges: [UInt64] = [
            0, 1, 7, 8, 39, 40, 41, 48, 63, 64, 72, 127, 128, 255, 256, 512, 1536, 0x7fff, 0x8000, 0xffff, 0x1_0000,
            0x4_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, .max,
        ]
        return edges[random.below(edges.count)]
    }

    private func store(_ value: UInt64, width: Int, at offset: Int, in bytes: inout [UInt8]) {
        for index in 0..<width where offset + index < bytes.count {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
    }
}
