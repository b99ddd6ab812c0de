import Testing

@testable import ProcessTracking

@Suite struct PIDPagesTests {
    @Test func holdsWhatADictionaryHolds() {
        var pages = PIDPages()
        var model: [Int32: Int32] = [:]
        var state: UInt64 = 7
        for step in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let pid = Int32(truncatingIfNeeded: state >> 33) & 0x1FFF
            if state >> 62 == 0 {
                pages.remove(pid)
                model[pid] = nil
            } else {
                pages.set(Int32(step), for: pid)
                model[pid] = Int32(step)
            }
            #expect(pages[pid] == model[pid])
        }
        for pid in Int32(0)...0x1FFF { #expect(pages[pid] == model[pid]) }
        for pid in model.keys { pages.remove(pid) }
        #expect(pages.bytes == 0)
    }

    @Test func noPIDIsOutside() {
        var pages = PIDPages()
        for pid in [Int32.min, -1, 0, 1, 4_194_303, 4_194_304, .max] {
            #expect(pages[pid] == nil)
            pages.remove(pid)
            pages.set(5, for: pid)
            #expect(pages[pid] == 5)
            pages.remove(pid)
        }
        #expect(pages.bytes == 0)
    }

    @Test func memoryEndsAtSixteenMiB() {
        var pages = PIDPages()
        for page in Int32(0)..<8192 { pages.set(0, for: page << 10) }
        #expect(pages.bytes == 16 << 20)
    }
}
