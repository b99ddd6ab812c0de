internal import EventModel
internal import Glibc

/// One way to one kind of knowledge: sd-journal or `journalctl`, sd-bus or `systemctl`.
protocol SystemdBackend: AnyObject {
    /// Takes what has come, at most so much that it lasts some milliseconds. Never waits.
    func poll(at now: BootTime) -> [Event]
    /// What it still holds back, at the end.
    func rest(at now: BootTime) -> [Event]
    /// There is more to take at once.
    var hasMore: Bool { get }
    /// What is known at the start has been handed out.
    var isSettled: Bool { get }
    var statuses: [SourceStatus] { get }
    /// Readable when there is something to take.
    var descriptors: [Watched] { get }
}

extension SystemdBackend {
    func rest(at now: BootTime) -> [Event] { [] }
}

/// A descriptor, and what it is waited for (POLLIN, POLLOUT; epoll's numbers are the same). `life` tells it from a
/// later one of the same number, which epoll does not know any more.
struct Watched: Hashable {
    var descriptor: Int32
    var events: UInt32
    var life: UInt64

    static let input = UInt32(POLLIN)
}
