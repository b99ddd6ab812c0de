/// A property's value, as far as a unit's state needs its type.
enum PropertyValue: Hashable {
    case text(String)
    /// Of any width, sign and boolean included.
    case number(Int64)
    /// `t`, which alone does not fit above.
    case unsigned(UInt64)
    case bytes([UInt8])
    case list([String])

    var text: String? { if case .text(let text) = self { text } else { nil } }

    var list: [String]? { if case .list(let list) = self { list } else { nil } }

    var unsigned: UInt64? {
        switch self {
        case .number(let number): UInt64(exactly: number)
        case .unsigned(let number): number
        default: nil
        }
    }

    func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
        switch self {
        case .number(let number): Number(exactly: number)
        case .unsigned(let number): Number(exactly: number)
        default: nil
        }
    }
}
