import EventModel
import Testing

@testable import Attribution

/// What a command line asks a manager for.
@Suite struct ClientCommandTests {
    @Test(
        arguments: [
            ("systemctl restart prod", .ends, ["prod.service"]),
            ("systemctl stop -H host prod.socket", .ends, ["prod.socket"]),
            ("systemctl -q --no-block try-restart a b.timer", .ends, ["a.service", "b.timer"]),
            ("systemctl kill -s KILL prod", .kills, ["prod.service"]),
            ("systemctl start prod", .starts, ["prod.service"]),
            ("systemctl disable --now prod", .ends, ["prod.service"]),
            ("systemctl isolate rescue.target", .endsAll, ["rescue.target"]),
            ("service prod restart", .ends, ["prod.service"]), ("invoke-rc.d prod stop", .ends, ["prod.service"]),
            ("deb-systemd-invoke restart prod.service", .ends, ["prod.service"]), ("reboot", .endsAll, []),
            ("loginctl terminate-user dev", .endsLogin, []),
            (
                "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager RestartUnit ss prod.service replace",
                .ends, ["prod.service"]
            ),
            (
                "dbus-send --system --dest=org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager.StopUnit string:prod.service string:replace",
                .ends, ["prod.service"]
            ),
        ] as [(String, ClientCommand.Effect, [String])]) func asks(
            _ line: String, _ effect: ClientCommand.Effect, _ units: [String]
        ) throws
    {
        let command = try #require(Self.command(line))
        #expect(command.effect == effect && command.units == units && !command.isForUser)
    }

    @Test(
        arguments: [
            "systemctl status prod", "systemctl", "systemctl is-active prod", "systemctl show -p stop prod",
            "systemctl disable prod", "systemctl daemon-reload", "service prod status", "service",
            "loginctl list-sessions",
            "busctl monitor org.freedesktop.systemd1", "journalctl -u prod", "vim prod.service",
        ]) func looks(_ line: String)
    { #expect(Self.command(line) == nil) }

    @Test func ofAUser() {
        #expect(Self.command("systemctl --user restart prod")?.isForUser == true)
        #expect(Self.command("systemctl --user -M 1000@ restart prod")?.uid == 1000)
        #expect(Self.command("systemctl --user --machine=1001@.host stop prod")?.uid == 1001)
    }

    private static func command(_ line: String) -> ClientCommand? {
        let words = line.split(separator: " ").map(String.init)
        let path = "/usr/bin/" + (words.first ?? "")
        return ClientCommand(ExecImage(path: path, exe: path, argv: ArgumentVector(words: words)))
    }
}
