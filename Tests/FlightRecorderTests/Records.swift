import Glibc

/// A record as this target sees it: a size, a time, and bytes that only tell it from others.
func record(size: Int, time: UInt64, mark: UInt8) -> [UInt8] {
    var bytes = [UInt8](repeating: mark, count: size)
    withUnsafeBytes(of: UInt32(size).littleEndian) { bytes.replaceSubrange(0..<4, with: $0) }
    withUnsafeBytes(of: time.littleEndian) { bytes.replaceSubrange(8..<16, with: $0) }
    return bytes
}

/// Random numbers that are the same each time (splitmix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// CRC-32 as in IEEE 802.3, bit by bit: the format's own definition, not the library's.
func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { sum, byte in
        (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? (sum >> 1) ^ 0xedb8_8320 : sum >> 1 }
    }
}

/// A new directory that goes away with what is in it.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/culprit-test-XXXXXX".utf8CString)
    let made = mkdtemp(&template)
    let path = template.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    guard made != nil else { throw TestFailure(what: "mkdtemp: errno \(errno)") }
    defer {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                unlink(path + "/" + name)
            }
            closedir(stream)
        }
        rmdir(path)
    }
    return try body(path)
}

func contents(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw TestFailure(what: "\(path): errno \(errno)") }
    defer { fclose(file) }
    return [UInt8](unsafeUninitializedCapacity: 16 << 20) { $1 = fread($0.baseAddress, 1, $0.count, file) }
}

func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "wb") else { throw TestFailure(what: "\(path): errno \(errno)") }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw TestFailure(what: "short write") }
}

struct TestFailure: Error {
    var what: String
}
