package dev.cairn.distribution.bench.router;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A load of as many clients as asked for, each of which sends its next request when the last one is
 * answered. Threads: one per client.
 */
final class ClosedLoop {

    /** Stands in bodies for a number that no other request has. */
    static final String UNIQUE = "0000000000";

    private final int port;
    private final byte[] request;
    private final int uniqueAt;
    private final AtomicLong numbers = new AtomicLong(System.nanoTime() % 1_000_000_000L);

    /**
     * @param body of every request; {@link #UNIQUE} in it is replaced
     */
    ClosedLoop(int port, String body) {
        this.port = port;
        String head =
                "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        + "Content-Type: application/json\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n";
        this.request = (head + body).getBytes(StandardCharsets.US_ASCII);
        int at = body.indexOf(UNIQUE);
        this.uniqueAt = at < 0 ? -1 : head.length() + at;
    }

    /**
     * What was seen.
     *
     * @param micros of each request, sorted
     * @param events chunks that came, where answers are streams
     */
    record Seen(long[] micros, long events) {

        double median() {
            return micros.length == 0 ? Double.NaN : micros[micros.length / 2];
        }
    }

    /** Runs until time is over; requests that run then are finished. */
    Seen run(int clients, long nanos) throws IOException, InterruptedException {
        long end = System.nanoTime() + nanos;
        return run(clients, _ -> System.nanoTime() < end);
    }

    /** Runs so many requests of each client. */
    Seen rounds(int clients, int requests) throws IOException, InterruptedException {
        return run(clients, sent -> sent < requests);
    }

    /** Whether a client that has sent so many requests sends another. */
    private interface More {

        boolean after(int sent);
    }

    /** What one client saw. */
    private record Client(long[] micros, long events) {}

    private Seen run(int clients, More more) throws IOException, InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Stream<Future<Client>> running =
                    IntStream.range(0, clients)
                            .mapToObj(_ -> threads.submit(() -> client(more)))
                            .toList()
                            .stream();
            long[] micros = {};
            long events = 0;
            for (Future<Client> each : running.toList()) {
                Client seen = each.get();
                int before = micros.length;
                micros = Arrays.copyOf(micros, before + seen.micros.length);
                System.arraycopy(seen.micros, 0, micros, before, seen.micros.length);
                events += seen.events;
            }
            Arrays.sort(micros);
            return new Seen(micros, events);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException broken) {
                throw broken;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }

    private Client client(More more) throws IOException {
        byte[] mine = request.clone();
        long[] micros = new long[256];
        int sent = 0;
        long events = 0;
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
            while (more.after(sent)) {
                if (uniqueAt >= 0) {
                    String number = String.format(Locale.ROOT, "%010d", numbers.incrementAndGet());
                    byte[] digits = number.getBytes(StandardCharsets.US_ASCII);
                    System.arraycopy(digits, digits.length - 10, mine, uniqueAt, 10);
                }
                long began = System.nanoTime();
                socket.getOutputStream().write(mine);
                events += answer(in);
                if (sent == micros.length) {
                    micros = Arrays.copyOf(micros, 2 * sent);
                }
                micros[sent++] = (System.nanoTime() - began) / 1000;
            }
        }
        return new Client(Arrays.copyOf(micros, sent), events);
    }

    /** Reads one; returns how many chunks it had. */
    private static long answer(InputStream in) throws IOException {
        String status = line(in);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException("answered " + status);
        }
        long length = 0;
        boolean isChunked = false;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(lower.substring(15).strip());
            }
            isChunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
        }
        if (!isChunked) {
            in.skipNBytes(length);
            return 0;
        }
        long chunks = 0;
        for (int size = size(in); size > 0; size = size(in)) {
            in.skipNBytes(size + 2L);
            chunks++;
        }
        line(in);
        return chunks;
    }

    private static int size(InputStream in) throws IOException {
        return Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int one = in.read(); one != '\n'; one = in.read()) {
            if (one < 0) {
                throw new EOFException("the answer broke off");
            }
            if (one != '\r') {
                line.append((char) one);
            }
        }
        return line.toString();
    }
}
