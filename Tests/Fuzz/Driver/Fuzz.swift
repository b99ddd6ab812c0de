import FuzzTargets
import Glibc

// Two drivers for one table of targets.
//
// Guided by coverage, where the toolchain has libFuzzer; the target is named by CULPRIT_FUZZ_TARGET:
//
//   swift build -c release --product fuzz --scratch-path .build/libfuzzer \
//       -Xswiftc -sanitize=fuzzer,address -Xswiftc -DLIBFUZZER
//   cp -r Tests/Fuzz/Corpus/event-decoder .build/grown
//   SWIFT_BACKTRACE=enable=no CULPRIT_FUZZ_TARGET=event-decoder \
//       .build/libfuzzer/release/fuzz -max_len=16384 .build/grown
//
// (libFuzzer adds what it finds to the directory it is given; the runtime's backtrace would keep it from saving the
// input that crashed.)
//
// Blind but repeatable, everywhere:
//
//   fuzz --seconds N [--seed S] [--target NAME] [--corpus DIR] [--last-input FILE]
//   fuzz --write-corpus DIR      writes the seeds; this made Tests/Fuzz/Corpus
//   fuzz --replay FILE --target NAME

#if !LIBFUZZER
    @main enum Fuzz {
        static func main() {
            guard let options = Options(CommandLine.arguments.dropFirst()) else {
                let usage = """
                    usage: fuzz [--seconds N] [--seed S] [--target NAME] [--corpus DIR] [--last-input FILE]
                           fuzz --write-corpus DIR | --replay FILE --target NAME

                    """
                _ = write(STDERR_FILENO, usage, usage.utf8.count)
                exit(64)
            }
            if let directory = options.writeCorpus { exit(Corpus.write(to: directory) ? 0 : 74) }
            if let path = options.replay {
                guard let input = Corpus.read(path) else { exit(66) }
                for target in options.targets { input.withUnsafeBytes { target.run($0) } }
                exit(0)
            }
            for target in options.targets { run(target, options) }
        }

        private static func run(_ target: FuzzTarget, _ options: Options) {
            let seeds = target.seeds() + (options.corpus.map { Corpus.inputs(of: target, in: $0) } ?? [])
            for seed in seeds { seed.withUnsafeBytes { target.run($0) } }
            let last = options.lastInput.flatMap(LastInput.init(path:))
            var mutation = Mutation(seed: options.seed)
            var executions = 0
            let end = now() + options.seconds / Double(options.targets.count)
            while !seeds.isEmpty, now() < end {
                for _ in 0..<64 {
                    let input = mutation.mutate(
                        seeds[mutation.random.below(seeds.count)], with: seeds[mutation.random.below(seeds.count)])
                    last?.keep(input)
                    // What hangs is killed by SIGALRM, and its input is found in the file.
                    alarm(30)
                    input.withUnsafeBytes { target.run($0) }
                    executions += 1
                }
            }
            alarm(0)
            print("\(target.name): \(executions) executions, seed \(options.seed), no finding")
        }

        private static func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
    }
#endif
