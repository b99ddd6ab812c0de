import BusMessages
import EventModel
import Testing

@Suite struct StreamTests {
    private static func names(_ wire: inout Wire) {
        wire.text("web.service")
        wire.text("replace")
    }

    @Test(arguments: [true, false]) func bothByteOrders(_ isLittle: Bool) throws {
        let message = try #require(
            messages(Wire.call("RestartUnit", "ss", isLittle: isLittle, serial: 513, body: Self.names)).first)
        #expect(message.serial == 513)
        #expect(message.arguments == [.text("web.service"), .text("replace")])
        #expect(message.path == "/org/freedesktop/systemd1")
    }

    @Test func fieldsInAnyOrderAndUnknownOnes() throws {
        let bytes = Wire.call("StopUnit", "ss") { wire in
            wire.field(6, "s") { $0.text("org.freedesktop.systemd1") }
            wire.field(200, "a{sv}") {
                $0.number(UInt32(0))
                $0.align(8)
            }
            wire.field(201, "(yv)") { wire in
                wire.align(8)
                wire.bytes.append(1)
                wire.signature("u")
                wire.number(UInt32(5))
            }
            wire.field(9, "u") { $0.number(UInt32(0)) }
            wire.field(7, "s") { $0.text(":1.9") }
        } body: {
            Self.names(&$0)
        }
        let message = try #require(messages(bytes).first)
        #expect(message.destination == "org.freedesktop.systemd1")
        #expect(message.sender == ":1.9")
        #expect(message.member == "StopUnit")
    }

    static let broken: [[UInt8]] = [
        // A field of another type than it has; one that comes twice; one whose signature is none.
        Wire.call("StopUnit", fields: { $0.field(7, "u") { $0.number(UInt32(1)) } }),
        Wire.call("StopUnit", fields: { $0.field(3, "s") { $0.text("StartUnit") } }),
        Wire.call("StopUnit", fields: { $0.field(200, "()") { $0.align(8) } }),
        Wire.call("StopUnit", fields: { $0.field(200, "!") { _ in } }),
        Wire.call("StopUnit", fields: { $0.field(0, "s") { $0.text("x") } }),
        // A text that says it is longer than all there is.
        Wire.call("StopUnit", fields: { $0.field(6, "s") { $0.number(UInt32.max) } }),
        Wire.call("StopUnit", serial: 0),
        Wire.message(1, "", body: { _ in }, fields: { $0.field(3, "s") { $0.text("StopUnit") } }),
        Wire.message(2, "", body: { _ in }, fields: { _ in }),
        Wire.message(5, "", body: { _ in }, fields: { $0.field(5, "u") { $0.number(UInt32(1)) } }),
    ]

    @Test(arguments: broken) func isNoMessage(_ bytes: [UInt8]) { #expect(messages(bytes).isEmpty) }

    @Test func nestingEnds() throws {
        let deep = Wire.call("StopUnit", "ss") { wire in
            wire.field(200, "v") { wire in
                for _ in 0..<80 { wire.signature("v") }
                wire.signature("y")
                wire.bytes.append(1)
            }
        } body: {
            Self.names(&$0)
        }
        #expect(messages(deep).isEmpty)
        let arrays = Wire.call("StopUnit", "ss") { wire in
            wire.field(200, String(repeating: "a", count: 200) + "y") { $0.number(UInt32(0)) }
        } body: {
            Self.names(&$0)
        }
        #expect(messages(arrays).isEmpty)
    }

    @Test func properties() throws {
        let bytes = Wire.call(
            "SetUnitProperties", "sba(sv)",
            body: { wire in
                wire.text("web.service")
                wire.number(UInt32(1))
                var list = Wire()
                for (name, type, value) in [("Environment", "as", 0), ("MemoryMax", "t", 4096), ("CPUWeight", "t", 7)] {
                    list.align(8)
                    list.text(name)
                    list.signature(type)
                    if type == "as" {
                        var words = Wire()
                        words.text("TOKEN=hunter2")
                        list.number(UInt32(words.bytes.count))
                        list.bytes += words.bytes
                    } else {
                        list.number(UInt64(value))
                    }
                }
                list.align(8)
                list.text("MemoryHigh")
                list.signature("s")
                list.text("hunter2")
                wire.number(UInt32(list.bytes.count))
                wire.align(8)
                wire.bytes += list.bytes
            })
        let message = try #require(messages(bytes).first)
        #expect(
            message.arguments == [
                .text("web.service"), .flag(true),
                .list(["Environment", "MemoryMax=4096", "CPUWeight=7", "MemoryHigh"]),
            ])
    }

    @Test func environmentIsNotKept() throws {
        for member in ["SetEnvironment", "UnsetAndSetEnvironment", "AMethodOfTomorrow"] {
            let bytes = Wire.call(
                member, "as",
                body: { wire in
                    wire.number(UInt32(18))
                    wire.text("TOKEN=hunter2")
                })
            let message = try #require(messages(bytes).first)
            #expect(message.arguments == [])
        }
    }

    static func reply(_ signature: String, _ body: (inout Wire) -> Void) -> [UInt8] {
        Wire.message(2, signature, body: body) { $0.field(5, "u") { $0.number(UInt32(9)) } }
    }

    @Test func replies() throws {
        let job = "/org/freedesktop/systemd1/job/41"
        let simple = try #require(messages(Self.reply("o") { $0.text(job) }).first)
        #expect(simple.replySerial == 9)
        #expect(simple.jobs == [41])
        let enqueued = try #require(
            messages(
                Self.reply("uosos") {
                    $0.number(UInt32(41))
                    $0.text(job)
                    $0.text("web.service")
                }
            ).first)
        #expect(enqueued.jobs == [41])
        let marked = try #require(
            messages(
                Self.reply("ao") {
                    $0.number(UInt32(37))
                    $0.text(job)
                }
            ).first)
        #expect(marked.jobs == [41])
        let other = try #require(messages(Self.reply("s") { $0.text("hunter2") }).first)
        #expect(other.arguments == [])
        #expect(try #require(messages(Self.reply("") { _ in }).first).arguments == [])
    }

    @Test func errorsAndSignals() throws {
        let error = Wire.message(
            3, "s", body: { $0.text("Unit x.service not found.") },
            fields: { wire in
                wire.field(4, "s") { $0.text("org.freedesktop.systemd1.NoSuchUnit") }
                wire.field(5, "u") { $0.number(UInt32(2)) }
            })
        let message = try #require(messages(error).first)
        #expect(message.errorName == "org.freedesktop.systemd1.NoSuchUnit")
        #expect(message.arguments == [])
        let signal = Wire.message(
            4, "", body: { _ in },
            fields: { wire in
                wire.field(1, "o") { $0.text("/org/freedesktop/systemd1") }
                wire.field(2, "s") { $0.text("org.freedesktop.systemd1.Manager") }
                wire.field(3, "s") { $0.text("RestartUnit") }
            })
        #expect(messages(signal).isEmpty)
    }

    @Test func noMoreThanItsShareOfMessages() {
        let one = Wire.call("Reload")
        #expect(messages(Array(repeating: one, count: 100).flatMap { $0 }).count == 32)
    }
}
