/// The version of the program; stands in every recording.
enum Version {
    static let text = "0.1.0"
}
