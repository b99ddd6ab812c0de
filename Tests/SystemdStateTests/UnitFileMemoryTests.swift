import EventModel
import Testing

@testable import SystemdState

/// What a file said before it was changed; and that it is not known rather than wrong.
@Suite struct UnitFileMemoryTests {
    /// Asked within an expectation.
    private final class Asked {
        var memory: UnitFileMemory
        init(capacity: Int = 4096) { memory = UnitFileMemory(capacity: capacity) }
        @discardableResult
        func learn(_ path: String, _ settings: MemorySettings?) -> MemorySettings? { memory.learn(path, settings) }
    }

    private let small = MemorySettings(max: .bytes(64 << 20))
    private let nothing = MemorySettings()

    @Test func whatWasReadBefore() {
        let memory = Asked()
        #expect(memory.learn("/a/x.conf", small) == nil)
        #expect(memory.learn("/a/x.conf", nothing) == small)
        #expect(memory.learn("/a/x.conf", small) == nil, "the directory is not known as a whole")
    }

    @Test func whereAllIsKnownWhatIsNewSaidNothing() {
        let memory = Asked()
        memory.learn("/a/x.conf", small)
        memory.memory.complete("/a")
        #expect(memory.learn("/a/x.conf", nothing) == small)
        #expect(memory.learn("/a/x.conf", small) == nothing)
        #expect(memory.learn("/a/y.conf", small) == nothing)
        #expect(memory.learn("/b/x.conf", small) == nil)
        #expect(memory.learn("/a/b/x.conf", small) == nil)
    }

    @Test func whatWasNotReadIsNotKnown() {
        let memory = Asked()
        memory.memory.complete("/a")
        #expect(memory.learn("/a/x.conf", nil) == nothing)
        #expect(memory.learn("/a/x.conf", small) == nil)
        #expect(memory.learn("/a/x.conf", nil) == small)
    }

    @Test func aDirectoryThatGoesTakesAllWithIt() {
        let memory = Asked()
        memory.memory.complete("/a")
        memory.learn("/a/x.conf", small)
        memory.learn("/a/y.conf", nil)
        memory.memory.emptied("/a")
        #expect(memory.learn("/a/x.conf", small) == nothing)
        #expect(memory.learn("/a/y.conf", small) == nothing)
    }

    @Test func whatHasNoRoomIsNotKnown() {
        let memory = Asked(capacity: 2)
        memory.memory.complete("/a")
        for name in ["x", "y", "z"] { #expect(memory.learn("/a/\(name)", small) == nothing) }
        #expect(memory.learn("/a/x", small) == small)
        #expect(memory.learn("/a/z", small) == nil)
        let unread = Asked(capacity: 2)
        unread.memory.complete("/a")
        for name in ["x", "y", "z"] { unread.learn("/a/\(name)", nil) }
        #expect(unread.learn("/a/z", small) == nil)
        unread.memory.forget()
        #expect(unread.learn("/a/z", small) == nil)
    }
}
