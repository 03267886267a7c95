package dev.cairn.core.relay;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.core.route.OwnHashes;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.relay.BlockShape;
import dev.cairn.ports.relay.PromptReader;
import dev.cairn.ports.relay.ReadPrompt;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.telemetry.Telemetry;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Renders and encodes the prompts of relayed requests, one after the other. A prompt that cannot be
 * rendered is the engine's to refuse; here it is one of which nothing is known.
 *
 * <p>Threads: as the port says; the work is done in the turns of one mailbox.
 */
public final class PromptReading implements PromptReader, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(PromptReading.class.getName());

    /** Prompts that wait; more are not read. */
    private static final int MOST_WAITING = 256;

    private static final int MOST_CHECKPOINTS = 1 << 16;

    private final Map<String, PromptKeys> byModel = new HashMap<>();
    private final Mailbox<Read> mailbox;
    private final AtomicInteger waiting = new AtomicInteger();
    private final Telemetry.Counter bytes;
    private final Telemetry.Counter prompts;
    private boolean hasComplained;

    /**
     * @param codecs by model; that of the empty name is every other model's
     */
    public PromptReading(Map<String, TextCodec> codecs, MailboxDriver driver, Telemetry telemetry) {
        codecs.forEach(
                (model, codec) -> byModel.put(model, new PromptKeys(codec, MOST_CHECKPOINTS)));
        this.bytes =
                telemetry.counter(
                        "cairn:relay_prompt_bytes_total",
                        "Bytes of rendered prompts, encoded now or known from before.",
                        List.of("how"));
        this.prompts =
                telemetry.counter(
                        "cairn:relay_prompts_total",
                        "Prompts that were to be read, and what came of it.",
                        List.of("outcome"));
        this.mailbox = driver.open("relay-prompts", (read, _) -> turn(read));
    }

    private record Read(
            PromptKeys keys,
            BlockShape shape,
            String salt,
            Supplier<Optional<Prompt>> prompt,
            Consumer<ReadPrompt> told) {}

    @Override
    public void read(
            String model,
            BlockShape shape,
            String salt,
            Supplier<Optional<Prompt>> prompt,
            Consumer<ReadPrompt> told) {
        PromptKeys keys = byModel.getOrDefault(model, byModel.get(""));
        if (keys == null) {
            told.accept(ReadPrompt.NONE);
        } else if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            prompts.add(1, "overburdened");
            told.accept(ReadPrompt.NONE);
        } else {
            mailbox.post(new Read(keys, shape, salt, prompt, told));
        }
    }

    private void turn(Read read) {
        ReadPrompt known = ReadPrompt.NONE;
        try {
            known = read(read);
        } catch (RuntimeException unreadable) {
            prompts.add(1, "failed");
            Level level = hasComplained ? Level.DEBUG : Level.INFO;
            hasComplained = true;
            LOG.log(level, "a prompt was not read: " + unreadable.getMessage());
        } finally {
            waiting.decrementAndGet();
            read.told.accept(known);
        }
    }

    private ReadPrompt read(Read read) {
        Optional<Prompt> prompt = read.prompt.get();
        if (prompt.isEmpty()) {
            prompts.add(1, "unknown");
            return ReadPrompt.NONE;
        }
        PromptKeys keys = read.keys;
        long encoded = keys.encodedBytes();
        long known = keys.knownBytes();
        ReadPrompt done =
                keys.read(
                        prompt.get(),
                        OwnHashes.salt(read.shape.adapter(), read.salt),
                        read.shape.tokens());
        bytes.add(keys.encodedBytes() - encoded, "encoded");
        bytes.add(keys.knownBytes() - known, "known");
        prompts.add(1, "read");
        return done;
    }

    @Override
    public void close() {
        mailbox.close();
    }
}
