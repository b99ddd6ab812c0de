import EventModel

extension EventGenerator {
    private mutating func some<Value>(_ value: Value) -> Value? { random.below(2) == 0 ? nil : value }

    mutating func scope() -> ManagerScope { random.below(2) == 0 ? .system : .user(uid()) }

    private mutating func unit() -> UnitID { UnitID(manager: scope(), name: text(255)) }

    private mutating func texts(_ limit: Int) -> [String] { (0..<random.below(limit)).map { _ in text(200) } }

    mutating func journalEntry() -> JournalEntry {
        let writers: [JournalEntry.Writer] = [.manager(scope()), .kernel, .component(text(20)), .other]
        return JournalEntry(
            writer: writers[random.below(4)], writerPID: some(pid()), messageID: some(text(32)), message: text(4096),
            identifier: some(text(60)), priority: some(UInt8(random.below(8))), unit: some(unit()),
            invocation: some(text(32)),
            fields: (0..<random.below(48)).map { _ in .init(name: text(30), value: text(300)) })
    }

    mutating func unitState() -> UnitState {
        UnitState(
            unit: unit(), load: text(20), active: text(20), sub: text(20), type: some(text(20)),
            result: some(text(20)), invocation: some(text(32)), main: some(process()),
            mainStatus: some(ExitStatus(rawValue: uid())),
            mainEndedAt: some(time()), restarts: uid(), restartPolicy: some(text(20)), job: some(uid()),
            memoryMax: some(number()), oomScoreAdjustment: some(pid()),
            watchdog: some(Interval(nanoseconds: number())), cgroup: some(text(300)), files: texts(48),
            relations: (0..<random.below(48)).map { _ in
                .init(
                    kind: UnitState.Relation.Kind.allCases.randomElement(using: &random) ?? .partOf, other: text(100))
            })
    }

    mutating func unitFileChange() -> UnitFileChange {
        UnitFileChange(
            path: text(4096), step: UnitFileChange.Step.allCases.randomElement(using: &random) ?? .written,
            manager: some(scope()), writer: pid(), settings: some(memorySettings()),
            settingsBefore: some(memorySettings()))
    }

    private mutating func memorySettings() -> MemorySettings {
        MemorySettings(max: memoryAmount(), limit: memoryAmount(), high: memoryAmount())
    }

    private mutating func memoryAmount() -> MemorySettings.Amount? {
        switch random.below(4) {
        case 0: nil
        case 1: .bytes(number())
        case 2: .unlimited
        default: .share
        }
    }

    mutating func job() -> JobChange {
        JobChange(
            unit: unit(), id: uid(), type: some(text(30)),
            step: random.below(2) == 0 ? .queued : .removed(result: text(20))
        )
    }

    mutating func managerMessage() -> ManagerMessage {
        ManagerMessage(
            kind: ManagerMessage.Kind.allCases.randomElement(using: &random) ?? .call, serial: uid(),
            replySerial: some(uid()), socket: number(), peerSocket: number(), peer: some(process()),
            isFromListener: random.below(2) == 0, address: text(108), destination: some(text(60)),
            sender: some(text(20)), path: some(text(200)),
            interface: some(text(60)), member: some(text(60)), errorName: some(text(60)),
            arguments: (0..<random.below(48)).map { _ in argument() }, isCut: random.below(2) == 0)
    }

    private mutating func argument() -> ManagerMessage.Argument {
        switch random.below(4) {
        case 0: .text(text(4096))
        case 1: .number(Int64(bitPattern: number()))
        case 2: .flag(random.below(2) == 0)
        default: .list(texts(10))
        }
    }

    mutating func unixSocket() -> UnixSocketChange {
        UnixSocketChange(
            step: UnixSocketChange.Step.allCases.randomElement(using: &random) ?? .listening,
            address: UnixAddress(name: text(108), place: number()), socket: number(), changedAt: some(time()))
    }

    mutating func registration() -> Registration {
        Registration(
            root: process(), agent: some(text(64)), session: some(text(128)), isOver: random.below(2) == 0,
            hook: text(64))
    }
}
