import EventModel
import ProcessTracking
import Testing

@Suite struct UnixSocketTableTests {
    private let address = UnixAddress(name: "/run/prod.sock", place: 27)

    private func at(_ milliseconds: UInt64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000) }

    private func event(
        _ step: UnixSocketChange.Step, _ socket: UInt64, of pid: Int32? = 5, _ time: UInt64, changed: UInt64? = nil,
        address: UnixAddress? = nil
    ) -> Event {
        Event(
            time: at(time), source: .bpf, process: pid.map { ProcessKey(pid: $0, start: .zero) },
            body: .unixSocket(
                UnixSocketChange(
                    step: step, address: address ?? self.address, socket: socket, changedAt: changed.map { at($0) })))
    }

    @Test func takenByTheTimeOfTheFile() {
        var table = UnixSocketTable()
        table.apply(event(.listening, 1, 100, changed: 40))
        table.apply(event(.nameless, 1, 300, changed: 250))
        table.apply(event(.listening, 2, of: 6, 300, changed: 251))
        table.apply(event(.closed, 1, 400))
        // Never later than when it was found: a clock that was set is no proof.
        table.apply(event(.listening, 3, of: nil, 500, changed: 9_000))
        let all = table.holdings(of: address)
        #expect(all.map(\.socket) == [1, 2, 3] && all.map(\.since) == [at(40), at(251), at(500)])
        #expect(all[0].namelessSince == at(250) && all[0].goneAt == at(400) && all[1].goneAt == nil)
        #expect(all.map { $0.holder?.pid } == [5, 6, nil])
        #expect(table.holdings(of: UnixAddress(name: address.name, place: 28)).isEmpty)
    }

    @Test func keepsNoMoreThanItsCapacity() {
        var table = UnixSocketTable()
        let prod = UnixAddress(name: "/run/old.sock", place: 1)
        table.apply(event(.listening, 999_999, 1, address: prod))
        for socket in 0..<UInt64(UnixSocketTable.capacity * 2) {
            table.apply(event(.listening, socket, 10 + socket))
            table.apply(event(.closed, socket, 10 + socket))
        }
        #expect(table.holdings { _ in true }.count <= UnixSocketTable.capacity)
        // What is still there is not pushed out by what is not.
        #expect(table.holdings(of: prod).count == 1)
        for socket in 0..<UInt64(UnixSocketTable.capacity * 2) {
            table.apply(event(.listening, socket, 50_000 + socket))
        }
        #expect(table.holdings { _ in true }.count <= UnixSocketTable.capacity)
    }

    @Test func whatIsNotKnownIsNotChanged() {
        var table = UnixSocketTable()
        table.apply(event(.closed, 4, 1))
        table.apply(event(.nameless, 4, 1))
        #expect(table.holdings { _ in true }.isEmpty)
    }
}
