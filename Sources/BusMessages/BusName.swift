/// Names on a bus: of units and their files, of methods, objects, errors, properties; modes and the like.
enum BusName {
    /// Bytes of the longest that is kept. A unit's name has at most 255, and three for each in an object's path.
    static let longest = 1024
    /// What stands where there was something else: a caller can put anything anywhere, a password in the place of a name.
    static let other = "[no name]"

    static func kept(_ text: String) -> String { isName(text) ? text : other }

    /// Whether only characters stand in it that names have (unit_name_is_valid of systemd; D-Bus specification, "Valid
    /// Names"), and those of common paths: no blank, no `=`, no quote.
    static func isName(_ text: String) -> Bool {
        text.utf8.count <= longest
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: punctuation.contains(byte)
                }
            }
    }

    private static let punctuation = Set(":_.@/-+~\\".utf8)
}
