import EventModel
import Testing

@Suite struct UnitPatternTests {
    private static let system = UnitID(manager: .system, name: "web.service")
    private static let user = UnitID(manager: .user(1000), name: "web.service")

    @Test(
        arguments: [
            ("web.service", true, true), ("*.service", true, true), ("system/web.service", true, false),
            ("user/*", false, true), ("user:1000/web.*", false, true), ("user:1001/web.*", false, false),
            ("system/*.socket", false, false), ("WEB.service", false, false),
        ])
    func matches(_ pattern: String, _ system: Bool, _ user: Bool) throws {
        let pattern = try UnitPattern(pattern)
        #expect(pattern.matches(Self.system) == system)
        #expect(pattern.matches(Self.user) == user)
    }

    @Test(arguments: ["root/web.service", "user:/x", "user:x/x", "user:-1/x", "/x", "system/[", "\\"])
    func isNone(_ pattern: String) { #expect(throws: InvalidGlob.self) { try UnitPattern(pattern) } }

    @Test(arguments: [("web.service", true), ("w*", true), ("*.service", false), ("user/run-*", true), ("?eb*", false)])
    func namesItsUnits(_ pattern: String, _ isSpecific: Bool) throws {
        #expect(try UnitPattern(pattern).isSpecific == isSpecific)
    }
}
