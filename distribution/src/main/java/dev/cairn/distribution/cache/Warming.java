package dev.cairn.distribution.cache;

import dev.cairn.distribution.wiring.StartException;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Lets a server compute prompts, so that their blocks are in its caches: each is asked for one
 * token, after everything else that the server has to do. Threads: any may stop it.
 */
public final class Warming {

    /** Far behind every request that sets none. */
    private static final int LAST = 1_000_000;

    private final CacheClient client;
    private final Optional<String> model;
    private final Deque<JsonObject> left;
    private final int total;
    private final Consumer<String> progress;
    private final List<String> failures = new ArrayList<>();
    private int done;
    private long tokens;
    private long cached;
    private volatile boolean stopped;

    /**
     * @param progress hears a line after every prompt
     */
    public Warming(
            CacheClient client,
            Optional<String> model,
            List<JsonObject> prompts,
            Consumer<String> progress) {
        this.client = client;
        this.model = model;
        this.left = new ArrayDeque<>(prompts);
        this.total = prompts.size();
        this.progress = progress;
    }

    /** Begins no further prompt. */
    public void stop() {
        stopped = true;
    }

    /**
     * Asks for all prompts.
     *
     * @param atOnce how many at a time
     * @return what came of it
     * @throws StartException if the server does not answer, or refuses what would not get better
     */
    public JsonObject run(int atOnce) {
        List<Thread> threads = new ArrayList<>();
        List<RuntimeException> broken = new ArrayList<>();
        for (int i = 0; i < Math.min(atOnce, total); i++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            work();
                                        } catch (StartException failed) {
                                            stop();
                                            synchronized (this) {
                                                broken.add(failed);
                                            }
                                        }
                                    }));
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException hurried) {
            stop();
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            if (!broken.isEmpty()) {
                throw broken.getFirst();
            }
            return report();
        }
    }

    private JsonObject report() {
        return JsonObject.builder()
                .put("prompts", total)
                .put("warmed", done - failures.size())
                .put("failed", failures.size())
                .put("left", total - done)
                .put("tokens", tokens)
                .put("cached_before", cached)
                .build();
    }

    /** Why prompts failed, the first few. */
    public synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    private void work() {
        for (JsonObject prompt = next(); prompt != null; prompt = next()) {
            CacheClient.Answer answer = ask(prompt);
            ended(answer);
        }
    }

    private synchronized JsonObject next() {
        return stopped ? null : left.poll();
    }

    private CacheClient.Answer ask(JsonObject prompt) {
        boolean chat = prompt.member("messages") != null;
        var body = JsonObject.builder();
        prompt.members().forEach(body::put);
        if (prompt.member("model") == null) {
            model.ifPresent(name -> body.put("model", name));
        }
        body.put("max_tokens", 1).put("priority", LAST).put("stream", false);
        String path = chat ? "/v1/chat/completions" : "/v1/completions";
        while (true) {
            CacheClient.Answer answer = client.answer(path, body.build());
            if ((answer.status() != 429 && answer.status() != 503) || stopped) {
                return answer;
            }
            try {
                Thread.sleep(Math.clamp(answer.pauseMillis(), 50, 30_000));
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
                return answer;
            }
        }
    }

    private synchronized void ended(CacheClient.Answer answer) {
        if (answer.status() == 401 || answer.status() == 403) {
            throw new StartException(
                    "the server answered %d: %s".formatted(answer.status(), answer.problem()));
        }
        done++;
        if (answer.status() == 200) {
            tokens += member(answer.body(), "usage", "prompt_tokens");
            cached += cachedTokens(answer.body());
        } else {
            failures.add(answer.problem());
        }
        progress.accept("%d of %d prompts, %d tokens".formatted(done, total, tokens));
    }

    private static long cachedTokens(JsonObject body) {
        return body.member("usage") instanceof JsonObject usage
                ? member(usage, "prompt_tokens_details", "cached_tokens")
                : 0;
    }

    private static long member(JsonObject parent, String name, String number) {
        return parent.member(name) instanceof JsonObject object
                        && object.member(number) instanceof JsonNumber value
                ? value.longValueExact()
                : 0;
    }
}
