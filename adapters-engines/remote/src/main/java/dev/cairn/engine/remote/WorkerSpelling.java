package dev.cairn.engine.remote;

import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.relay.Dialect;
import dev.cairn.ports.relay.EventSource;
import dev.cairn.ports.relay.RemoteWorker;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How workers are written: {@code http://host:port}, then options: {@code
 * http://10.0.0.7:8000;kind=vllm;role=prefill}, {@code ;bootstrap=8998}, {@code ;ranks=4}, {@code
 * ;name=big}, {@code ;events=5557;replay=5558;topic=kv@}.
 */
final class WorkerSpelling {

    private static final int MOST_RANKS = 1024;

    private static final List<String> OPTIONS =
            List.of("name", "kind", "role", "bootstrap", "ranks", "events", "replay", "topic");

    private WorkerSpelling() {}

    /**
     * Reads several, each name once.
     *
     * @throws IllegalArgumentException saying which is wrong, and how it should be written
     */
    static List<RemoteWorker> readAll(List<String> texts) {
        List<RemoteWorker> workers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String text : texts) {
            for (RemoteWorker worker : read(text)) {
                if (!names.add(worker.name())) {
                    throw new IllegalArgumentException(
                            "worker \"" + worker.name() + "\" is there twice");
                }
                workers.add(worker);
            }
        }
        return List.copyOf(workers);
    }

    /** One worker, or one per data-parallel rank. */
    private static List<RemoteWorker> read(String text) {
        String[] parts = text.strip().split(";", -1);
        URI uri = uri(parts[0], text);
        int port = uri.getPort() < 0 ? 80 : uri.getPort();
        String host = uri.getHost().replace("[", "").replace("]", "");
        Map<String, String> options = options(parts, text);
        String name = options.getOrDefault("name", uri.getHost() + ":" + port);
        String kind = options.getOrDefault("kind", "openai");
        Dialect dialect = dialect(kind, text);
        Role role = role(options.getOrDefault("role", "all"), text);
        int bootstrap = count(options, "bootstrap", 65_535, text);
        int ranks = count(options, "ranks", MOST_RANKS, text);
        if (role != Role.ALL && dialect == Dialect.OPENAI) {
            throw wrong(text, "a role needs kind=vllm or kind=sglang");
        }
        if (role == Role.PREFILL && dialect == Dialect.SGLANG && bootstrap == 0) {
            throw wrong(text, "a prefill worker of SGLang needs bootstrap=PORT");
        }
        if (ranks > 0 && dialect == Dialect.OPENAI) {
            throw wrong(text, "ranks need kind=vllm or kind=sglang");
        }
        List<RemoteWorker> workers = new ArrayList<>();
        for (int rank = ranks == 0 ? -1 : 0; rank < ranks; rank++) {
            workers.add(
                    new RemoteWorker(
                            rank < 0 ? name : name + "#" + rank,
                            host,
                            port,
                            dialect,
                            role,
                            bootstrap,
                            rank,
                            events(kind, uri.getHost(), options, Math.max(0, rank), text)));
        }
        return workers;
    }

    private static Map<String, String> options(String[] parts, String text) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", 2);
            String name = pair[0].strip();
            if (!OPTIONS.contains(name)) {
                throw wrong(
                        text,
                        "\"%s\" is no option; there are %s"
                                .formatted(name, String.join(", ", OPTIONS)));
            }
            if (pair.length < 2 || options.put(name, pair[1].strip()) != null) {
                throw wrong(text, "write " + name + "=VALUE, once");
            }
        }
        return options;
    }

    /** Each data-parallel rank has sockets of its own, at ports that follow one another. */
    private static Optional<EventSource> events(
            String kind, String host, Map<String, String> options, int rank, String text) {
        String events = options.get("events");
        if (events == null) {
            if (options.containsKey("replay") || options.containsKey("topic")) {
                throw wrong(text, "replay and topic need events=PORT");
            }
            return Optional.empty();
        }
        String replay = options.get("replay");
        String topic = options.get("topic");
        return Optional.of(
                new EventSource(
                        kind.equals("openai") ? "vllm" : kind,
                        endpoint(host, events, rank, text)
                                + (replay == null
                                        ? ""
                                        : ";replay=" + endpoint(host, replay, rank, text))
                                + (topic == null ? "" : ";topic=" + topic)));
    }

    /** {@code PORT} of the same host, or {@code HOST:PORT}. */
    private static String endpoint(String host, String written, int rank, String text) {
        int colon = written.lastIndexOf(':');
        int port = number(written.substring(colon + 1), 65_535, text);
        if (port + rank > 65_535) {
            throw wrong(text, "\"%s\" is no port of events".formatted(written));
        }
        return "tcp://" + (colon < 0 ? host : written.substring(0, colon)) + ":" + (port + rank);
    }

    private static URI uri(String address, String text) {
        try {
            URI uri = URI.create(address.strip());
            boolean isPlain =
                    "http".equals(uri.getScheme())
                            && uri.getHost() != null
                            && uri.getPort() != 0
                            && uri.getPort() <= 65_535
                            && uri.getUserInfo() == null
                            && (uri.getPath().isEmpty() || uri.getPath().equals("/"));
            if (isPlain) {
                return uri;
            }
        } catch (IllegalArgumentException none) {
            // Said below.
        }
        throw wrong(
                text,
                address.strip().startsWith("https:")
                        ? "engines are spoken to in the clear; write http://HOST:PORT of what ends"
                                + " TLS"
                        : "write http://HOST:PORT, without a path");
    }

    private static Dialect dialect(String value, String text) {
        return switch (value) {
            case "openai", "cairn" -> Dialect.OPENAI;
            case "vllm" -> Dialect.VLLM;
            case "sglang" -> Dialect.SGLANG;
            default -> throw wrong(text, "kind is openai, cairn, vllm or sglang");
        };
    }

    private static Role role(String value, String text) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "all" -> Role.ALL;
            case "prefill" -> Role.PREFILL;
            case "decode" -> Role.DECODE;
            default -> throw wrong(text, "role is all, prefill or decode");
        };
    }

    /** 0 where it is not written. */
    private static int count(Map<String, String> options, String name, int most, String text) {
        return options.containsKey(name) ? number(options.get(name), most, text) : 0;
    }

    private static int number(String value, int most, String text) {
        try {
            int number = Integer.parseInt(value);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException none) {
            // Said below.
        }
        throw wrong(text, "\"%s\" is no number from 1 to %d".formatted(value, most));
    }

    private static IllegalArgumentException wrong(String text, String how) {
        return new IllegalArgumentException("worker \"" + text + "\": " + how);
    }
}
