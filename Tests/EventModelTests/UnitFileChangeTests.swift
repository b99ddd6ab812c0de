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

    @Test func anothersManagerDoesNotReadIt() {
        #expect(!Self.concerns("/home/dev/.config/systemd/user/service.d/limit.conf", "prod.service", of: .user(1000)))
    }
}
