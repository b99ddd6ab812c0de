import FuzzTargets
import Glibc

/// Inputs on disk: `DIR/TARGET/NAME`.
enum Corpus {
    static func inputs(of target: FuzzTarget, in directory: String) -> [[UInt8]] {
        let folder = directory + "/" + target.name
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted().compactMap { read(folder + "/" + $0) }
    }

    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        return [UInt8](unsafeUninitializedCapacity: Mutation.largest) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
    }

    /// Writes the seeds of every target. False where that fails.
    static func write(to directory: String) -> Bool {
        mkdir(directory, 0o755)
        for target in FuzzTarget.all {
            mkdir(directory + "/" + target.name, 0o755)
            for (index, seed) in target.seeds().enumerated() where seed.count <= 16384 {
                let number = String(index)
                let name = "seed-" + String(repeating: "0", count: max(0, 2 - number.count)) + number
                guard let file = fopen("\(directory)/\(target.name)/\(name)", "wb") else { return false }
                defer { fclose(file) }
                guard fwrite(seed, 1, seed.count, file) == seed.count else { return false }
            }
        }
        return true
    }
}

/// The input being tried, in a file that survives the death of this process.
struct LastInput {
    private let memory: UnsafeMutableRawPointer

    init?(path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0, ftruncate(descriptor, off_t(8 + Mutation.largest)) == 0 else { return nil }
        defer { close(descriptor) }
        let address = mmap(nil, 8 + Mutation.largest, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let address, address != MAP_FAILED else { return nil }
        memory = address
    }

    /// u64 length, then the bytes.
    func keep(_ input: [UInt8]) {
        memory.storeBytes(of: UInt64(input.count), as: UInt64.self)
        input.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: memory + 8, count: input.count).copyMemory(from: $0)
        }
    }
}
