/// A form by which a service's tokens are known wherever they stand: a prefix and what follows it.
struct TokenShape: Sendable {
    let prefix: StaticString
    let body: Body
    /// So many bytes of the body at least.
    let minimum: Int
    let looks: Looks

    enum Body: Sendable { case alphanumeric, word, dashed, dotted, upper, hex }

    enum Looks: Sendable {
        /// The prefix says enough.
        case any
        /// Ten letters and digits in a row with a digit, or letters of both cases and a digit: for prefixes that ordinary words share.
        case random
    }

    static let all: [TokenShape] = [
        TokenShape("sk-ant-", .dashed, 4), TokenShape("sk-", .dashed, 10, .random),
        TokenShape("ghp_", .alphanumeric, 8), TokenShape("gho_", .alphanumeric, 8),
        TokenShape("ghu_", .alphanumeric, 8), TokenShape("ghs_", .alphanumeric, 8),
        TokenShape("ghr_", .alphanumeric, 8), TokenShape("github_pat_", .word, 8),
        TokenShape("glpat-", .dashed, 8), TokenShape("gldt-", .dashed, 16), TokenShape("glrt-", .dashed, 16),
        TokenShape("glptt-", .dashed, 16), TokenShape("glcbt-", .dashed, 16),
        TokenShape("xoxa-", .dashed, 8), TokenShape("xoxb-", .dashed, 8), TokenShape("xoxe-", .dashed, 8),
        TokenShape("xoxp-", .dashed, 8), TokenShape("xoxr-", .dashed, 8), TokenShape("xoxs-", .dashed, 8),
        TokenShape("xapp-", .dashed, 16, .random),
        TokenShape("AKIA", .upper, 16), TokenShape("ASIA", .upper, 16), TokenShape("AIza", .dashed, 30),
        TokenShape("npm_", .alphanumeric, 20), TokenShape("pypi-", .dashed, 20, .random),
        TokenShape("hf_", .alphanumeric, 20), TokenShape("dop_v1_", .hex, 16), TokenShape("doo_v1_", .hex, 16),
        TokenShape("dor_v1_", .hex, 16), TokenShape("SG.", .dotted, 32, .random),
        TokenShape("sk_live_", .alphanumeric, 10), TokenShape("sk_test_", .alphanumeric, 10),
        TokenShape("rk_live_", .alphanumeric, 10), TokenShape("rk_test_", .alphanumeric, 10),
        TokenShape("whsec_", .alphanumeric, 16), TokenShape("gsk_", .alphanumeric, 20),
        TokenShape("xai-", .alphanumeric, 20),
        TokenShape("ya29.", .dashed, 16), TokenShape("GOCSPX-", .dashed, 16), TokenShape("hvs.", .dashed, 16),
        TokenShape("hvb.", .dashed, 16), TokenShape("dckr_pat_", .dashed, 16), TokenShape("dapi", .hex, 32),
        TokenShape("lin_api_", .alphanumeric, 16), TokenShape("shpat_", .hex, 16), TokenShape("ATATT3", .dashed, 20),
        TokenShape("AGE-SECRET-KEY-1", .upper, 16), TokenShape("r8_", .alphanumeric, 20, .random),
        TokenShape("pplx-", .alphanumeric, 20), TokenShape("nvapi-", .dashed, 20),
        TokenShape("tskey-", .dashed, 12, .random),
    ]

    private init(_ prefix: StaticString, _ body: Body, _ minimum: Int, _ looks: Looks = .any) {
        self.prefix = prefix
        self.body = body
        self.minimum = minimum
        self.looks = looks
    }

    /// Where a token of this form that starts at `start` ends; nil where there is none. A body that reaches `end` counts
    /// although it is short, where `end` is a cut.
    func match(_ bytes: [UInt8], at start: Int, end: Int, endIsCut: Bool) -> Int? {
        guard bytes.has(prefix, at: start) else { return nil }
        let bodyStart = start + prefix.utf8CodeUnitCount
        guard bodyStart <= end else { return nil }
        // The first bytes decide, so that many beginnings in one long run cost no more than the run.
        let looked = bytes.runEnd(from: bodyStart, to: min(end, bodyStart + 64), while: isBody)
        let isCut = endIsCut && looked == end
        guard looked - bodyStart >= minimum || isCut else { return nil }
        guard looks == .any || isCut || Self.looksRandom(bytes[bodyStart..<looked]) else { return nil }
        return bytes.runEnd(from: looked, to: end, while: isBody)
    }

    private func isBody(_ byte: UInt8) -> Bool {
        switch body {
        case .alphanumeric: byte.isAlphanumeric
        case .word: byte.isAlphanumeric || byte == UInt8(ascii: "_")
        case .dashed: byte.isAlphanumeric || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        case .dotted: byte.isNameByte
        case .upper: byte.isUpper || byte.isDigit
        case .hex: byte.isDigit || (byte.folded >= 0x61 && byte.folded <= 0x66)
        }
    }

    private static func looksRandom(_ body: ArraySlice<UInt8>) -> Bool {
        var run = 0
        var digitInRun = false
        for byte in body {
            run = byte.isAlphanumeric ? run + 1 : 0
            digitInRun = byte.isDigit || (run > 0 && digitInRun)
            if run >= 10, digitInRun { return true }
        }
        return body.count >= 20 && body.contains(where: \.isUpper) && body.contains(where: \.isLower)
            && body.contains(where: \.isDigit)
    }
}
