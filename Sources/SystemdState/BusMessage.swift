internal import CSystemd

/// A received D-Bus message. All reading goes forward, and a value of another type than expected is nil.
final class BusMessage {
    private let sd: culprit_systemd
    private let message: OpaquePointer

    /// Takes the reference over.
    init(adopting message: OpaquePointer, _ sd: culprit_systemd) {
        self.message = message
        self.sd = sd
    }

    deinit { _ = sd.sd_bus_message_unref(message) }

    enum Kind: UInt8 {
        case call = 1
        case reply = 2
        case error = 3
        case signal = 4
    }

    var kind: Kind? {
        var type: UInt8 = 0
        return sd.sd_bus_message_get_type(message, &type) >= 0 ? Kind(rawValue: type) : nil
    }

    /// Cookie of the call that this answers.
    var replyCookie: UInt64? {
        var cookie: UInt64 = 0
        return sd.sd_bus_message_get_reply_cookie(message, &cookie) >= 0 ? cookie : nil
    }

    var path: String { sd.sd_bus_message_get_path(message).map { String(cString: $0) } ?? "" }
    var interface: String { sd.sd_bus_message_get_interface(message).map { String(cString: $0) } ?? "" }
    var member: String { sd.sd_bus_message_get_member(message).map { String(cString: $0) } ?? "" }

    /// `s`, `o` or `g`.
    func text(_ type: Character = "s") -> String? {
        var text: UnsafePointer<CChar>?
        return read(type, &text) ? text.map { String(cString: $0) } : nil
    }

    func unsigned() -> UInt32? {
        var number: UInt32 = 0
        return read("u", &number) ? number : nil
    }

    func flag() -> Bool? {
        var flag: Int32 = 0
        return read("b", &flag) ? flag != 0 : nil
    }

    private func read<Value>(_ type: Character, _ value: inout Value) -> Bool {
        guard let type = type.asciiValue else { return false }
        return withUnsafeMutablePointer(to: &value) {
            sd.sd_bus_message_read_basic(message, CChar(type), UnsafeMutableRawPointer($0)) > 0
        }
    }

    /// Calls `body` once, inside a container of that type; false where there is none (any more).
    func enter(_ type: Character, _ contents: String, _ body: () -> Void) -> Bool {
        guard let type = type.asciiValue, sd.sd_bus_message_enter_container(message, CChar(type), contents) > 0 else {
            return false
        }
        body()
        return sd.sd_bus_message_exit_container(message) >= 0
    }

    func skip(_ types: String) -> Bool { sd.sd_bus_message_skip(message, types) >= 0 }

    /// Calls `body` for each item of an array of structures or dictionary entries, until there is no more.
    func forEach(_ type: Character, _ contents: String, _ body: () -> Void) {
        let whole = type == "r" ? "(\(contents))" : "{\(contents)}"
        _ = enter("a", whole) { while enter(type, contents, body) {} }
    }

    /// Calls `body` with each entry of an `a{sv}` whose name is wanted and whose value is of a known type.
    func forEachProperty(of wanted: Set<String>, _ body: (String, PropertyValue) -> Void) {
        forEach("e", "sv") {
            guard let name = text() else { return }
            guard wanted.contains(name), let value = variant() else {
                _ = skip("v")
                return
            }
            body(name, value)
        }
    }

    /// Nil, and nothing read, where its type is none of those that are of use.
    func variant() -> PropertyValue? {
        var type: CChar = 0
        var contents: UnsafePointer<CChar>?
        guard sd.sd_bus_message_peek_type(message, &type, &contents) > 0, let contents else { return nil }
        let signature = String(cString: contents)
        guard Self.known.contains(signature) else { return nil }
        var value: PropertyValue?
        _ = enter("v", signature) { value = content(signature) }
        return value
    }

    private static let known: Set<String> = ["s", "o", "b", "i", "u", "x", "t", "as", "ay", "(uo)"]

    private func content(_ signature: String) -> PropertyValue? {
        switch signature {
        case "s", "o": return text(signature == "s" ? "s" : "o").map { .text($0) }
        case "b": return flag().map { .number($0 ? 1 : 0) }
        case "u": return unsigned().map { .number(Int64($0)) }
        case "i":
            var number: Int32 = 0
            return read("i", &number) ? .number(Int64(number)) : nil
        case "x":
            var number: Int64 = 0
            return read("x", &number) ? .number(number) : nil
        case "t":
            var number: UInt64 = 0
            return read("t", &number) ? .unsigned(number) : nil
        case "as": return .list(texts())
        case "ay": return bytes().map { .bytes($0) }
        default: return job()
        }
    }

    /// Items beyond this are read over.
    private static let mostTexts = 512

    private func texts() -> [String] {
        var list: [String] = []
        _ = enter("a", "s") { while let text = text() { if list.count < Self.mostTexts { list.append(text) } } }
        return list
    }

    private func bytes() -> [UInt8]? {
        var data: UnsafeRawPointer?
        var length = 0
        guard let type = Character("y").asciiValue,
            sd.sd_bus_message_read_array(message, CChar(type), &data, &length) >= 0
        else { return nil }
        return Array(UnsafeRawBufferPointer(start: data, count: min(length, 4096)))
    }

    /// `(uo)`: a job's id and path.
    private func job() -> PropertyValue? {
        var id: UInt32?
        _ = enter("r", "uo") {
            id = unsigned()
            _ = skip("o")
        }
        return id.map { .number(Int64($0)) }
    }
}
