internal import CSystemd

/// A D-Bus call being written: values go in one after the other, each of a type that is named.
struct BusCall {
    private let bus: BusConnection
    private let message: OpaquePointer

    /// Freed by `send`, which ends every call.
    init(_ bus: BusConnection, _ path: String, _ interface: String, _ member: String) throws(BusConnection.Failure) {
        var made: OpaquePointer?
        try bus.check(
            "sd_bus_message_new_method_call",
            bus.sd.sd_bus_message_new_method_call(bus.bus, &made, nil, path, interface, member))
        guard let made else { throw BusConnection.Failure(call: "sd_bus_message_new_method_call", errno: 12) }
        self.bus = bus
        message = made
    }

    func text(_ text: String) throws(BusConnection.Failure) {
        let result = text.withCString { bus.sd.sd_bus_message_append_basic(message, Self.code("s"), $0) }
        try bus.check("sd_bus_message_append_basic", result)
    }

    /// `u` or `t`.
    func number<Number: FixedWidthInteger>(_ type: Character, _ number: Number) throws(BusConnection.Failure) {
        let result = withUnsafePointer(to: number) { bus.sd.sd_bus_message_append_basic(message, Self.code(type), $0) }
        try bus.check("sd_bus_message_append_basic", result)
    }

    func container(
        _ type: Character, _ contents: String, _ body: () throws(BusConnection.Failure) -> Void
    ) throws(BusConnection.Failure) {
        try bus.check(
            "sd_bus_message_open_container",
            bus.sd.sd_bus_message_open_container(message, Self.code(type), contents))
        try body()
        try bus.check("sd_bus_message_close_container", bus.sd.sd_bus_message_close_container(message))
    }

    /// The cookie comes back in the answer.
    func send() throws(BusConnection.Failure) -> UInt64 {
        var cookie: UInt64 = 0
        defer { free() }
        try bus.check("sd_bus_send", bus.sd.sd_bus_send(bus.bus, message, &cookie))
        return cookie
    }

    func free() { _ = bus.sd.sd_bus_message_unref(message) }

    private static func code(_ type: Character) -> CChar { CChar(bitPattern: type.asciiValue ?? 0) }
}
