import FuzzTargets
import Glibc
import Testing

/// Every input in Tests/Fuzz/Corpus through its target: what the fuzzer once found stays found.
@Suite struct CorpusTests {
    @Test(arguments: FuzzTarget.all.map(\.name)) func replay(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Fuzz/Corpus/" + name
        let stream = try #require(opendir(folder), "there is no corpus for \(name): fuzz --write-corpus makes one")
        defer { closedir(stream) }
        var inputs = 0
        while let entry = readdir(stream) {
            let file = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !file.hasPrefix("."), let handle = fopen(folder + "/" + file, "rb") else { continue }
            defer { fclose(handle) }
            let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 20) {
                $1 = fread($0.baseAddress, 1, $0.count, handle)
            }
            bytes.withUnsafeBytes { target.run($0) }
            inputs += 1
        }
        #expect(inputs > 0)
        for seed in target.seeds() { seed.withUnsafeBytes { target.run($0) } }
    }
}
