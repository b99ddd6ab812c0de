public import EventModel
import Glibc

/// A pressure trigger of the kernel's (PSI): its descriptor has POLLPRI when tasks have waited longer than a threshold within
/// a window. Nothing runs until then.
public final class PressureTrigger {
    public enum Resource: String, Hashable, Sendable, CaseIterable { case cpu, memory, io }

    public let resource: Resource
    public let descriptor: Int32

    /// `stall` within `window`, which is 500 ms to 10 s. Throws where the kernel has no PSI, or does not let us.
    public init(_ resource: Resource, stall: Interval, window: Interval, root: String = "/proc") throws(SystemCallError)
    {
        let path = root + "/pressure/" + resource.rawValue
        let file = try systemCall("open", path) { open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK) }
        let text = "some \(stall.nanoseconds / 1000) \(window.nanoseconds / 1000)"
        do throws(SystemCallError) {
            // The NUL at the end belongs to it.
            _ = try systemCall("write", path) { text.withCString { write(file, $0, strlen($0) + 1) } }
        } catch {
            close(file)
            throw error
        }
        self.resource = resource
        descriptor = file
    }

    deinit { close(descriptor) }

    /// Those that fired since they were asked last. To ask takes the news away, also from others: they must not be in anybody's
    /// wait set.
    public static func fired(_ triggers: [PressureTrigger]) -> Set<Resource> {
        guard !triggers.isEmpty else { return [] }
        var waits = triggers.map { pollfd(fd: $0.descriptor, events: Int16(POLLPRI), revents: 0) }
        guard poll(&waits, nfds_t(waits.count), 0) > 0 else { return [] }
        return Set(zip(triggers, waits).filter { $0.1.revents & Int16(POLLPRI) != 0 }.map(\.0.resource))
    }
}
