/// A number for each pid, in pages that are there while they hold any: neighbours, which live at the same time, lie side
/// by side, and no choice of pids makes a look-up slow.
struct PIDPages: Sendable {
    private struct Page {
        var numbers: ContiguousArray<Int32> = []
        var used = 0
    }

    private static let pageBits: UInt32 = 10
    /// PID_MAX_LIMIT of the kernel is 2^22; a pid out of a damaged recording may share the place of another.
    private static let mask: UInt32 = (1 << 22) - 1
    private static let none: Int32 = -1

    private var pages: ContiguousArray<Page> = []

    /// Bytes of the pages that are there; at most 16 MiB.
    private(set) var bytes = 0

    private static func place(of pid: Int32) -> (page: Int, offset: Int) {
        let place = UInt32(bitPattern: pid) & mask
        return (Int(place >> pageBits), Int(place & (1 << pageBits - 1)))
    }

    subscript(pid: Int32) -> Int32? {
        let (page, offset) = Self.place(of: pid)
        guard page < pages.count, pages[page].used > 0 else { return nil }
        let number = pages[page].numbers[offset]
        return number == Self.none ? nil : number
    }

    /// `number` is not negative.
    mutating func set(_ number: Int32, for pid: Int32) {
        let (page, offset) = Self.place(of: pid)
        while pages.count <= page { pages.append(Page()) }
        if pages[page].used == 0 {
            pages[page].numbers = ContiguousArray(repeating: Self.none, count: 1 << Self.pageBits)
            bytes += MemoryLayout<Int32>.stride << Self.pageBits
        }
        if pages[page].numbers[offset] == Self.none { pages[page].used += 1 }
        pages[page].numbers[offset] = number
    }

    mutating func remove(_ pid: Int32) {
        guard self[pid] != nil else { return }
        let (page, offset) = Self.place(of: pid)
        pages[page].numbers[offset] = Self.none
        pages[page].used -= 1
        guard pages[page].used == 0 else { return }
        pages[page].numbers = []
        bytes -= MemoryLayout<Int32>.stride << Self.pageBits
    }
}
