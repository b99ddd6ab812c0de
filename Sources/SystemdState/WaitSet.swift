internal import CSystemd
public import EventModel
internal import Glibc

/// Many descriptors as one that is readable when one of them is ready, or when it was told that there is more to do.
public final class WaitSet {
    /// An epoll descriptor; it can itself be waited for.
    public let descriptor: Int32
    private let bell: Int32
    private var isRinging = false
    private var watched: [Int32: Watched] = [:]

    public init() throws(SystemCallError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemCallError(call: "epoll_create1", object: "", errno: errno) }
        bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard bell >= 0 else {
            let error = SystemCallError(call: "eventfd", object: "", errno: errno)
            close(descriptor)
            throw error
        }
        add(bell)
    }

    deinit {
        close(bell)
        close(descriptor)
    }

    /// Waits for its being readable too, until it is closed.
    public func add(_ other: Int32) {
        control(EPOLL_CTL_ADD, Watched(descriptor: other, events: Watched.input, life: 0))
    }

    /// Makes `descriptor` readable until it is told otherwise.
    public func ring(_ shouldRing: Bool) {
        guard shouldRing != isRinging else { return }
        isRinging = shouldRing
        var count: UInt64 = 1
        if shouldRing { _ = write(bell, &count, 8) } else { _ = read(bell, &count, 8) }
    }

    /// Waits for exactly these, beside what was added.
    func watch(_ wanted: [Watched]) {
        let descriptors = Set(wanted.map(\.descriptor))
        for (number, old) in watched where !descriptors.contains(number) {
            control(EPOLL_CTL_DEL, old)
            watched[number] = nil
        }
        for one in wanted where watched[one.descriptor] != one {
            if watched[one.descriptor] != nil { control(EPOLL_CTL_DEL, one) }
            control(EPOLL_CTL_ADD, one)
            watched[one.descriptor] = one
        }
    }

    /// A closed descriptor has left the set by itself, and its removal fails: that is no error.
    private func control(_ operation: Int32, _ one: Watched) {
        var event = epoll_event()
        event.events = one.events
        event.data.fd = one.descriptor
        epoll_ctl(descriptor, operation, one.descriptor, &event)
    }
}
