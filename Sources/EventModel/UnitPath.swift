/// D-Bus object paths of systemd and logind, and the names in them. What is no letter or digit stands there as `_` and
/// two hexadecimal digits: `/org/freedesktop/systemd1/unit/web_2eservice` (sd_bus_path_encode(3)).
public enum UnitPath {
    public static let manager = "/org/freedesktop/systemd1"
    public static let units = "/org/freedesktop/systemd1/unit/"
    public static let jobs = "/org/freedesktop/systemd1/job/"
    static let sessions = "/org/freedesktop/login1/session/"
    static let users = "/org/freedesktop/login1/user/"

    /// The object of a unit: what is no letter or digit, and a digit at the start, is escaped.
    public static func path(ofUnit name: String) -> String { units + escaped(name) }

    private static func escaped(_ name: String) -> String {
        guard !name.isEmpty else { return "_" }
        let digits = Array("0123456789abcdef".utf8)
        let bytes = name.utf8.enumerated().flatMap { index, byte -> [UInt8] in
            let isDigit = (0x30...0x39).contains(byte)
            let isLetter = (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            if isLetter || (isDigit && index > 0) { return [byte] }
            return [UInt8(ascii: "_"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `web.service`; nil where the path is no unit's, or its name is none.
    public static func unit(at path: String) -> String? { name(at: path, in: units) }

    /// The number of a job; nil where the path is no job's.
    public static func job(at path: String) -> UInt32? {
        path.hasPrefix(jobs) ? UInt32(path.dropFirst(jobs.count)) : nil
    }

    /// Id of a login session, or `self`.
    public static func session(at path: String) -> String? { name(at: path, in: sessions) }

    /// `_1000`, which is no escape; nil also for the caller's own (`self`).
    public static func user(at path: String) -> UInt32? {
        path.hasPrefix(users + "_") ? UInt32(path.dropFirst(users.count + 1)) : nil
    }

    private static func name(at path: String, in folder: String) -> String? {
        path.hasPrefix(folder) ? unescaped(path.utf8.dropFirst(folder.utf8.count)) : nil
    }

    /// Nil for an empty label, an incomplete escape, a further `/`, or what is no UTF-8.
    static func unescaped(_ label: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = label
        while let byte = rest.popFirst() {
            guard byte != UInt8(ascii: "/") else { return nil }
            guard byte == UInt8(ascii: "_") else {
                bytes.append(byte)
                continue
            }
            // A lone `_` is the empty name.
            if rest.isEmpty, bytes.isEmpty { return "" }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8(truncatingIfNeeded: $0) }
    }
}
