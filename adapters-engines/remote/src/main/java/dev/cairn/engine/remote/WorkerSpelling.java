package dev.cairn.engine.remote;

import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.relay.Dialect;
import dev.cairn.ports.relay.RemoteWorker;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How workers are written: {@code http://host:port}, then options: {@code
 * http://10.0.0.7:8000;kind=vllm;role=prefill}, {@code ;bootstrap=8998}, {@code ;ranks=4}, {@code
 * ;name=big}.
 */
final class WorkerSpelling {

    private static final int MOST_RANKS = 1024;

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
        String name = uri.getHost() + ":" + port;
        Dialect dialect = Dialect.OPENAI;
        Role role = Role.ALL;
        int bootstrap = 0;
        int ranks = 0;
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", 2);
            String value = pair.length < 2 ? "" : pair[1].strip();
            switch (pair[0].strip()) {
                case "name" -> name = value;
                case "kind" -> dialect = dialect(value, text);
                case "role" -> role = role(value, text);
                case "bootstrap" -> bootstrap = number(value, 65_535, text);
                case "ranks" -> ranks = number(value, MOST_RANKS, text);
                default ->
                        throw wrong(
                                text,
                                "\"%s\" is no option; there are name, kind, role, bootstrap, ranks"
                                        .formatted(pair[0]));
            }
        }
        if (role != Role.ALL && dialect == Dialect.OPENAI) {
            throw wrong(text, "a role needs kind=vllm or kind=sglang");
        }
        if (role == Role.PREFILL && dialect == Dialect.SGLANG && bootstrap == 0) {
            throw wrong(text, "a prefill worker of SGLang needs bootstrap=PORT");
        }
        List<RemoteWorker> workers = new ArrayList<>();
        if (ranks == 0) {
            workers.add(new RemoteWorker(name, host, port, dialect, role, bootstrap, -1));
        }
        for (int rank = 0; rank < ranks; rank++) {
            workers.add(
                    new RemoteWorker(
                            name + "#" + rank, host, port, dialect, role, bootstrap, rank));
        }
        return workers;
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
        throw wrong(text, "write http://HOST:PORT, without a path");
    }

    private static Dialect dialect(String value, String text) {
        return switch (value) {
            case "openai" -> Dialect.OPENAI;
            case "vllm" -> Dialect.VLLM;
            case "sglang" -> Dialect.SGLANG;
            default -> throw wrong(text, "kind is openai, vllm or sglang");
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
