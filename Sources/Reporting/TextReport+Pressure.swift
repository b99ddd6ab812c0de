import Attribution
import EventModel
import IncidentDetection

// How memory and pressure went over the window, drawn in one line each.
extension TextReport {
    private static let columns = 32
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    mutating func pressure() {
        guard let record = incident.pressure else { return }
        let times = record.samples.map(\.at) + record.trees.flatMap { $0.points.map(\.at) }
        guard let start = times.min(), let end = times.max(), start < end else { return }
        let window = Window(start: start, end: end, columns: Self.columns)
        page.heading("PRESSURE AND MEMORY", "\(offset(start)) to \(offset(end)) s around the disruption")
        for (name, share) in [
            ("waiting for memory", \PressureRecord.Sample.memory), ("waiting for CPU", \.cpu),
            ("waiting for I/O", \.io),
        ] as [(VisibleText, KeyPath<PressureRecord.Sample, Double?>)] {
            let points = record.samples.compactMap { sample in sample[keyPath: share].map { (sample.at, $0) } }
            guard let most = points.map(\.1).max() else { continue }
            line(name, window, points, full: 100, most: "at most \(Self.tenths(most)) %")
        }
        let largest = Double(record.trees.flatMap { $0.points.map(\.rssBytes) }.max() ?? 0)
        for tree in record.trees {
            let most = tree.points.map(\.rssBytes).max() ?? 0
            let cores = tree.points.map(\.cpu).max() ?? 0
            let cpu: VisibleText = cores >= 0.1 ? ", \(Self.tenths(cores)) cores" : ""
            line(
                VisibleText(escaping: tree.name, columns: 30), window, tree.points.map { ($0.at, Double($0.rssBytes)) },
                full: largest, most: "at most \(Phrases.bytes(most))\(cpu)")
        }
    }

    private mutating func line(
        _ name: VisibleText, _ window: Window, _ points: [(at: BootTime, value: Double)], full: Double,
        most: VisibleText
    ) {
        page.paragraph(
            lead: [
                Span("  "), Span(name.padded(to: 30)), Span(" "),
                Span(VisibleText(escaping: Self.sparkline(window.highest(points), full: full), columns: Self.columns)),
                Span(" "),
            ], most, .dim)
    }

    /// A block for each column, as high as its share of `full`; a space where nothing was measured.
    static func sparkline(_ values: [Double?], full: Double) -> String {
        String(
            values.map { value in
                guard let value, value.isFinite else { return " " }
                let share = full > 0 ? min(1, max(0, value / full)) : 0
                return blocks[min(blocks.count - 1, Int(share * Double(blocks.count)))]
            })
    }

    /// `12.3`
    private static func tenths(_ value: Double) -> VisibleText {
        guard value.isFinite, abs(value) < 1e9 else { return "?" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }

    private func offset(_ time: BootTime) -> VisibleText {
        let at = incident.disruption.at
        let tenths = at.distance(to: time).nanoseconds / 100_000_000
        return "\(time < at ? "-" : "+")\(tenths / 10).\(tenths % 10)"
    }

    /// A stretch of time in columns of equal length.
    struct Window {
        var start: BootTime
        var end: BootTime
        var columns: Int

        /// The highest value of each column; a column without any has that of the one before.
        func highest(_ points: [(at: BootTime, value: Double)]) -> [Double?] {
            var values = [Double?](repeating: nil, count: columns)
            let length = Double(max(1, start.distance(to: end).nanoseconds))
            for point in points where point.at >= start && point.at <= end {
                let share = Double(start.distance(to: point.at).nanoseconds) / length
                let column = min(columns - 1, Int(share * Double(columns)))
                values[column] = max(values[column] ?? point.value, point.value)
            }
            for column in values.indices.dropFirst() where values[column] == nil { values[column] = values[column - 1] }
            return values
        }
    }
}
