import CEventABI
import EventCoding
import EventModel
import Testing

/// The kernel's list of UNIX sockets, as its program writes it.
@Suite struct UnixListenerTests {
    private func entry(_ name: [UInt8], socket: UInt64 = 1, flags: UInt32 = 1, length: Int? = nil) -> [UInt8] {
        var raw = culprit_unix_listener()
        (raw.start_ns, raw.socket, raw.place, raw.changed_ns, raw.pid) = (7, socket, 27, 99, 5)
        raw.flags = UInt16(flags)
        raw.name_len = UInt16(clamping: length ?? name.count)
        withUnsafeMutableBytes(of: &raw.name) { $0.copyBytes(from: name.prefix($0.count)) }
        return withUnsafeBytes(of: raw) { Array($0) }
    }

    private func read(_ bytes: [UInt8], limit: Int = 100) -> (listeners: [UnixListener], beyond: Int) {
        var listeners: [UnixListener] = []
        let beyond = bytes.withUnsafeBytes { EventDecoder.readUnixListeners($0, into: &listeners, limit: limit) }
        return (listeners, beyond)
    }

    @Test func pathsAndAbstractNames() {
        let path = Array("/run/a.sock".utf8)
        let (listeners, beyond) = read(
            entry(path + [0]) + entry([0] + Array("x".utf8) + [0, 1], socket: 2, flags: 0)
                + entry(path, socket: 3, flags: 3) + entry(Array("relative".utf8), socket: 4) + entry([], socket: 5)
                + entry([], socket: 6, flags: 0) + [1, 2, 3])
        #expect(beyond == 0 && listeners.map(\.socket) == [1, 2, 3])
        #expect(listeners.map(\.address.name) == ["/run/a.sock", "@x@\u{1}", "/run/a.sock"])
        #expect(listeners.map(\.changed) == [99, nil, 99] && listeners.map(\.isNameless) == [false, false, true])
        #expect(listeners[0].opener == ProcessKey(pid: 5, start: BootTime(nanoseconds: 7)))
        #expect(listeners[0].address.place == 27 && listeners[1].address.isAbstract)
    }

    @Test func whateverTheBytesAre() {
        let long = read(entry([UInt8](repeating: 0x2f, count: 200), length: 65_535))
        #expect(long.listeners.first?.address.name.utf8.count == Int(CULPRIT_UNIX_NAME_ROOM.rawValue))
        #expect(read(entry([0x2f, 0xff])).listeners.map(\.address.name) == ["/\u{fffd}"])
        #expect(read([0, 0]).listeners.isEmpty)
    }

    @Test func noMoreThanTheLimit() {
        let (listeners, beyond) = read((0..<20).flatMap { entry([0x2f], socket: UInt64($0)) }, limit: 5)
        #expect(listeners.count == 5 && beyond == 15)
    }
}
