extension WallTime {
    /// `2026-11-21T04:24:33.123456789Z`, as `rfc3339` writes it, and no other form of that standard; nil for all else.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 30, Self.separators.allSatisfy({ bytes[$0.offset] == $0.byte }) else { return nil }
        let places = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19, 20..<29]
        let numbers = places.compactMap { Self.number(bytes[$0]) }
        guard numbers.count == places.count else { return nil }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        guard (1...12).contains(month), (1...31).contains(day), numbers[3] < 24, numbers[4] < 60, numbers[5] < 60 else {
            return nil
        }
        let seconds = Self.days(year, month, day) * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(numbers[6])
        guard !overflow, !carry else { return nil }
        self.init(nanoseconds: sum)
    }

    private static let separators = zip([4, 7, 10, 13, 16, 19, 29], "--T::.Z".utf8).map { (offset: $0, byte: $1) }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var number: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            number = number * 10 + Int64(digit - 0x30)
        }
        return number
    }

    /// Since 1970, in the Gregorian calendar: the way back from `civil`.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
