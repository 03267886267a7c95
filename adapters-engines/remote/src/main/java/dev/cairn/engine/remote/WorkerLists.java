package dev.cairn.engine.remote;

import static java.lang.System.Logger.Level.WARNING;

import dev.cairn.ports.relay.EventSource;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.relay.WorkerList;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Where the workers of a relay are found. */
public final class WorkerLists {

    private static final System.Logger LOGGER = System.getLogger(WorkerLists.class.getName());

    private static final long MOST_FILE = 1 << 20;

    private WorkerLists() {}

    /**
     * Those that are written down.
     *
     * @param texts as {@code cairn.remote.workers} has them
     * @throws IllegalArgumentException for the user, if one is written wrong
     */
    public static WorkerList of(List<String> texts) {
        List<RemoteWorker> workers = WorkerSpelling.readAll(texts);
        return new WorkerList() {
            @Override
            public void listen(Consumer<List<RemoteWorker>> listener) {
                listener.accept(workers);
            }

            @Override
            public void close() {}
        };
    }

    /**
     * Those in a file, a line each; lines that begin with {@code #} and empty ones do not count.
     * Whoever changes it sees the change within {@code every}. A file with a mistake is not taken,
     * and said so.
     */
    public static WorkerList inFile(Path file, Duration every) {
        return new Watched(() -> fromFile(file), every);
    }

    /**
     * Those behind a name: a worker per address.
     *
     * @param name host, port and options as for one worker: {@code
     *     http://workers.local:8000;kind=vllm}
     * @throws IllegalArgumentException for the user, if it is written wrong
     */
    public static WorkerList behindName(String name, Duration every) {
        List<RemoteWorker> pattern = WorkerSpelling.readAll(List.of(name));
        return new Watched(() -> fromName(pattern, InetAddress::getAllByName), every);
    }

    private static List<RemoteWorker> fromFile(Path file) throws IOException {
        if (Files.size(file) > MOST_FILE) {
            throw new IOException(file + " is larger than " + MOST_FILE + " bytes");
        }
        try (Stream<String> lines = Files.lines(file)) {
            return WorkerSpelling.readAll(
                    lines.map(String::strip)
                            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                            .toList());
        }
    }

    /** Finds the addresses of a name. */
    interface Resolver {

        InetAddress[] addresses(String host) throws IOException;
    }

    static List<RemoteWorker> fromName(List<RemoteWorker> pattern, Resolver resolver)
            throws IOException {
        List<RemoteWorker> workers = new ArrayList<>();
        for (RemoteWorker one : pattern) {
            InetAddress[] addresses = resolver.addresses(one.host());
            Arrays.stream(addresses)
                    .map(InetAddress::getHostAddress)
                    .sorted()
                    .distinct()
                    .forEach(
                            address ->
                                    workers.add(
                                            new RemoteWorker(
                                                    address
                                                            + ":"
                                                            + one.port()
                                                            + (one.rank() < 0
                                                                    ? ""
                                                                    : "#" + one.rank()),
                                                    address,
                                                    one.port(),
                                                    one.dialect(),
                                                    one.role(),
                                                    one.bootstrapPort(),
                                                    one.rank(),
                                                    events(one, address))));
        }
        return workers;
    }

    /** Each address tells its own events. */
    private static Optional<EventSource> events(RemoteWorker one, String address) {
        String host = address.indexOf(':') >= 0 ? "[" + address + "]" : address;
        return one.events()
                .map(
                        source ->
                                new EventSource(
                                        source.dialect(),
                                        source.address()
                                                .replace(
                                                        "tcp://" + one.host() + ":",
                                                        "tcp://" + host + ":")));
    }

    /** Reads workers anew. */
    interface Source {

        List<RemoteWorker> read() throws IOException;
    }

    /** A source that is looked at again and again, on a thread of its own. */
    static final class Watched implements WorkerList {

        private final Source source;
        private final Duration every;
        private List<RemoteWorker> told = List.of();
        private String complaint = "";
        private boolean wasEmpty;
        private Thread watching;

        Watched(Source source, Duration every) {
            this.source = source;
            this.every = every;
        }

        @Override
        public void listen(Consumer<List<RemoteWorker>> listener) {
            look(listener, true);
            watching = Thread.ofVirtual().name("relay-workers").start(() -> watch(listener));
        }

        private void watch(Consumer<List<RemoteWorker>> listener) {
            try {
                while (true) {
                    Thread.sleep(every);
                    look(listener, false);
                }
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        }

        /** Looks at the source, and tells what changed. */
        void look(Consumer<List<RemoteWorker>> listener, boolean first) {
            List<RemoteWorker> found = told;
            try {
                found = source.read();
                complaint = "";
            } catch (IOException | IllegalArgumentException wrong) {
                String reason = String.valueOf(wrong.getMessage());
                if (!reason.equals(complaint)) {
                    complaint = reason;
                    LOGGER.log(WARNING, "the list of workers stays as it is: " + reason);
                }
            }
            // A file that is being written is empty for a moment.
            boolean isDoubted = found.isEmpty() && !told.isEmpty() && !wasEmpty;
            wasEmpty = found.isEmpty();
            if (first || (!isDoubted && !found.equals(told))) {
                told = found;
                listener.accept(found);
            }
        }

        @Override
        public void close() {
            if (watching != null) {
                watching.interrupt();
            }
        }
    }
}
