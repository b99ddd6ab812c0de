/// Identifiers of a boot and of a machine, as the kernel and systemd write them down.
enum HostIdentifier {
    /// `/proc/sys/kernel/random/boot_id`: a UUID, with its hyphens.
    static func bootID(parsing text: Bytes) -> String? {
        let line = text.trimmed
        let hyphens = [8, 13, 18, 23]
        guard line.count == 36 else { return nil }
        let isUUID = line.enumerated().allSatisfy { position, byte in
            hyphens.contains(position) ? byte == UInt8(ascii: "-") : byte.hexValue != nil
        }
        return isUUID ? line.text.lowercased() : nil
    }

    /// `/etc/machine-id`: 32 hexadecimal digits (machine-id(5)); nil for `uninitialized` and all else.
    static func machineID(parsing text: Bytes) -> String? {
        let line = text.trimmed
        guard line.count == 32, line.allSatisfy({ $0.hexValue != nil }) else { return nil }
        return line.text.lowercased()
    }
}
