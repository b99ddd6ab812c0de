import BusMessages
import EventModel
import Testing

/// Nothing that a caller puts into a message passes, but names and numbers. `hunter2` is the password.
@Suite struct SecretTests {
    /// A secret as it is given to a unit, and where no blank or `=` shows it to be none of its name.
    static let secrets = ["PASSWORD=hunter2", "deploy --password hunter2", "{\"token\":\"hunter2\"}", "'hunter2'"]
    static let members = [
        "StartUnit", "StopUnit", "RestartUnit", "KillUnit", "EnqueueUnitJob", "SetUnitProperties", "StartTransientUnit",
        "StartUnitReplace", "EnableUnitFiles", "LinkUnitFiles", "SetDefaultTarget", "CancelJob", "Reload", "PowerOff",
        "SwitchRoot", "SetEnvironment", "UnsetEnvironment", "UnsetAndSetEnvironment", "QueueSignalUnit",
        "AMethodOfTomorrow",
    ]
    static let signatures = [
        "s", "ss", "sss", "ssss", "as", "asb", "sas", "usas", "v", "sv", "a{ss}", "(ss)", "sba(sv)", "ssa(sv)",
    ]

    private static func shown(_ bytes: [UInt8]) -> String { messages(bytes).map { String(describing: $0) }.joined() }

    /// Values of a signature, each text the secret.
    private static func put(_ signature: String, _ secret: String, _ wire: inout Wire) {
        var rest = signature[...]
        while let type = rest.popFirst() {
            switch type {
            case "s": wire.text(secret)
            case "b", "u": wire.number(UInt32(1))
            case "v":
                wire.signature("s")
                wire.text(secret)
            case "(": wire.align(8)
            case "a":
                var list = Wire()
                switch rest.first {
                case "s": list.text(secret)
                case "{":
                    list.text(secret)
                    list.text(secret)
                default:
                    list.text(secret)
                    list.signature("as")
                    list.number(UInt32(secret.utf8.count + 5))
                    list.text(secret)
                }
                wire.number(UInt32(list.bytes.count))
                if rest.first != "s" { wire.align(8) }
                wire.bytes += list.bytes
                rest = rest.first == "s" ? rest.dropFirst() : rest.drop { !")}".contains($0) }.dropFirst()
            default: continue
            }
        }
    }

    @Test(arguments: members) func noBodyHoldsASecret(_ member: String) {
        for signature in Self.signatures {
            for secret in Self.secrets {
                let bytes = Wire.call(member, signature, body: { Self.put(signature, secret, &$0) })
                #expect(!Self.shown(bytes).contains("hunter2"), "\(member)(\(signature)) \(secret)")
            }
        }
    }

    /// One field of the header after the other; what holds such a text is no message at all.
    @Test(arguments: [(1, "o"), (2, "s"), (4, "s"), (6, "s"), (7, "s")] as [(UInt8, String)])
    func noHeaderHoldsASecret(_ code: UInt8, _ type: String) {
        for secret in Self.secrets {
            let bytes = Wire.message(
                1, "", body: { _ in },
                fields: { wire in
                    wire.field(code, type) { $0.text(secret) }
                    if code != 1 { wire.field(1, "o") { $0.text("/org/freedesktop/systemd1") } }
                    if code != 2 { wire.field(2, "s") { $0.text("org.freedesktop.systemd1.Manager") } }
                    wire.field(3, "s") { $0.text("RestartUnit") }
                })
            #expect(messages(bytes).isEmpty)
        }
    }

    @Test func namesAreKept() throws {
        for name in [
            "web@a-b:c_1.service", "dev-disk-by\\x2duuid.device", "/etc/systemd/system/web.service", "c++~1.service",
        ] {
            let bytes = Wire.call("StopUnit", "s", body: { $0.text(name) })
            #expect(try #require(messages(bytes).first).arguments == [.text(name)])
        }
        let long = Wire.call("StopUnit", "s", body: { $0.text(String(repeating: "x", count: 2000)) })
        #expect(try #require(messages(long).first).arguments == [.text("[no name]")])
    }
}
