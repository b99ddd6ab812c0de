import EventModel
import Testing

@Suite struct UnitPathTests {
    @Test(arguments: ["web.service", "user@1000.service", "0abc", "-.mount", "a\\x2db.scope", "ä.service", "", "_"])
    func unitPaths(_ name: String) {
        let path = UnitPath.path(ofUnit: name)
        #expect(path.utf8.allSatisfy { $0 < 0x80 } && UnitPath.unit(at: path) == name)
    }

    @Test(arguments: ["/org/freedesktop/systemd1/unit/a_2", "/org/freedesktop/systemd1/unit/_zz", "/x", ""])
    func noUnitPaths(_ path: String) { #expect(UnitPath.unit(at: path) == nil) }
}
