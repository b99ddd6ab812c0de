import EventModel
import Testing

/// Which units a file is read for (systemd.unit(5)).
@Suite struct UnitFileChangeTests {
    private static func concerns(_ path: String, _ unit: String, of manager: ManagerScope? = .system) -> Bool {
        UnitFileChange(path: path, step: .placed, manager: manager, writer: 1)
            .concerns(UnitID(manager: .system, name: unit))
    }

    @Test(arguments: [
        ("/etc/systemd/system/prod.service", "prod.service"),
        ("/etc/systemd/system/prod.service.d/limit.conf", "prod.service"),
        ("/etc/systemd/system/prod.service.d", "prod.service"),  // a link to a directory
        ("/etc/systemd/system/web@.service", "web@1.service"),
        ("/etc/systemd/system/web@.service.d/limit.conf", "web@1.service"),
        ("/etc/systemd/system/service.d/limit.conf", "prod.service"),
        ("/etc/systemd/system/prod-.service.d/limit.conf", "prod-web.service"),
        ("/etc/systemd/system/prod-web-.service.d/limit.conf", "prod-web-1.service"),
        ("/etc/systemd/system/prod-.service.d/limit.conf", "prod-web@1.service"),
    ]) func isReadFor(_ path: String, _ unit: String) { #expect(Self.concerns(path, unit)) }

    @Test(arguments: [
        ("/etc/systemd/system/prod.service.d/notes.txt", "prod.service"),
        ("/etc/systemd/system/other.service", "prod.service"),
        ("/etc/systemd/system/service.d/limit.conf", "prod.socket"),
        ("/etc/systemd/system/prod-.service.d/limit.conf", "prod.service"),
        ("/etc/systemd/system/prod-.service.d/limit.conf", "production.service"),
        ("/etc/systemd/system/prod-.socket.d/limit.conf", "prod-web.service"),
        ("/etc/systemd/system/.d/limit.conf", "prod.service"),
        ("/etc/systemd/system/service", "prod.service"),
        ("", "prod.service"),
    ]) func isNotReadFor(_ path: String, _ unit: String) { #expect(!Self.concerns(path, unit)) }

    @Test(
        arguments: [
            ("/etc/systemd/system/prod.service", "Service"), ("/etc/systemd/system/prod.service.d/a.conf", "Service"),
            ("/etc/systemd/system/service.d/a.conf", "Service"), ("/etc/systemd/system/web@.service", "Service"),
            ("/etc/systemd/system/user-.slice.d/a.conf", "Slice"), ("/etc/systemd/system/a.b.socket", "Socket"),
            ("/run/systemd/system/a.scope.d/b.conf", "Scope"), ("/etc/systemd/system/home.mount", "Mount"),
            ("/etc/systemd/system/a.timer", nil), ("/etc/systemd/system/a.target.d/b.conf", nil),
            ("/etc/systemd/system/prod.service.d/notes.txt", nil), ("/etc/systemd/system/notes.txt", nil), ("", nil),
        ] as [(String, String?)])
    func whereItSaysHowMuchMemory(path: String, section: String?) {
        #expect(UnitFileChange(path: path, step: .placed, manager: .system, writer: 1).limitSection == section)
    }

    @Test func anothersManagerDoesNotReadIt() {
        #expect(!Self.concerns("/home/dev/.config/systemd/user/service.d/limit.conf", "prod.service", of: .user(1000)))
    }
}
