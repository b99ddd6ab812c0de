import GRDB

/// A column that does not hold what its table says: somebody else wrote it.
struct UnexpectedValue: Error {
    var column: String
}

extension Row {
    func text(_ column: String) throws(UnexpectedValue) -> String {
        guard let value: DatabaseValue = self[column], let text = String.fromDatabaseValue(value) else {
            throw UnexpectedValue(column: column)
        }
        return text
    }

    func number(_ column: String) throws(UnexpectedValue) -> Int64 {
        guard let number = try optionalNumber(column) else { throw UnexpectedValue(column: column) }
        return number
    }

    /// Nil for NULL.
    func optionalNumber(_ column: String) throws(UnexpectedValue) -> Int64? {
        guard let value: DatabaseValue = self[column] else { throw UnexpectedValue(column: column) }
        if value.isNull { return nil }
        guard let number = Int64.fromDatabaseValue(value) else { throw UnexpectedValue(column: column) }
        return number
    }
}
