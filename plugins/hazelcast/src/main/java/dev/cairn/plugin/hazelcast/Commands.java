package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Commands between members: JSON there and back, {@value Question.Command#LONGEST_TEXT} bytes at
 * most each way.
 */
final class Commands implements ClusterCommands {

    private static final int DONE = 0;
    private static final int REFUSED = 1;
    private static final int LONGEST_COMPLAINT = 4096;

    private final String self;
    private final Link link;
    private final Map<String, CommandHandler> handlers = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Commands(String self, Link link) {
        this.self = self;
        this.link = link;
    }

    @Override
    public void ask(
            String member,
            String command,
            JsonValue argument,
            Duration atMost,
            Completion<JsonValue> done) {
        Question.Command question = new Question.Command(command, JsonWriter.write(argument));
        if (command.length() > Question.Command.LONGEST_NAME / 4 || tooLong(question.argument())) {
            done.failed(
                    new CommandException(
                            "command \"%s\" or its argument is too long; %d bytes are the most"
                                    .formatted(command, Question.Command.LONGEST_TEXT)));
            return;
        }
        Told told = new Told(member, command, atMost, done);
        try {
            if (member.equals(self)) {
                CompletableFuture.supplyAsync(() -> answer(question), threads)
                        .orTimeout(atMost.toNanos(), TimeUnit.NANOSECONDS)
                        .whenComplete(told::ended);
            } else {
                threads.execute(() -> link.ask(member, question, atMost, told));
            }
        } catch (RejectedExecutionException closed) {
            done.failed(new CommandException("this member has left the fleet"));
        }
    }

    private static boolean tooLong(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length > Question.Command.LONGEST_TEXT;
    }

    @Override
    public void handle(String command, CommandHandler handler) {
        if (handlers.putIfAbsent(command, handler) != null) {
            throw new IllegalArgumentException(
                    "command \"%s\" has a handler already".formatted(command));
        }
    }

    /** Does what another member asks for; never throws. */
    byte[] answer(Question.Command asked) {
        CommandHandler handler = handlers.get(asked.name());
        if (handler == null) {
            return refused("knows no command \"%s\"".formatted(asked.name()));
        }
        try {
            String answer = JsonWriter.write(handler.answer(JsonReader.read(asked.argument())));
            return tooLong(answer)
                    ? refused("has a too long answer to \"%s\"".formatted(asked.name()))
                    : new ByteWriter().one(DONE).text(answer).bytes();
        } catch (RuntimeException failed) {
            return refused(
                    "failed at command \"%s\": %s".formatted(asked.name(), failed.getMessage()));
        }
    }

    private static byte[] refused(String why) {
        String shown =
                why.length() <= LONGEST_COMPLAINT ? why : why.substring(0, LONGEST_COMPLAINT);
        return new ByteWriter().one(REFUSED).text(shown).bytes();
    }

    @Override
    public void close() {
        threads.shutdown();
    }

    /** Reads an answer and tells who asked. */
    private record Told(String member, String command, Duration atMost, Completion<JsonValue> done)
            implements Completion<byte[]> {

        void ended(byte[] answer, Throwable failure) {
            if (failure == null) {
                completed(answer);
            } else {
                failed(failure);
            }
        }

        @Override
        public void completed(byte[] answer) {
            JsonValue value;
            try {
                ByteReader reader = new ByteReader(answer);
                int outcome = reader.one();
                String text = reader.text(Question.Command.LONGEST_TEXT);
                if (outcome != DONE) {
                    done.failed(new CommandException("member %s %s".formatted(member, text)));
                    return;
                }
                value = JsonReader.read(text);
            } catch (MalformedMessage | JsonException unusable) {
                failed(unusable);
                return;
            }
            done.completed(value);
        }

        @Override
        public void failed(Throwable failure) {
            done.failed(
                    new CommandException(
                            failure instanceof TimeoutException
                                    ? "member %s did not answer command \"%s\" within %d ms"
                                            .formatted(member, command, atMost.toMillis())
                                    : "member %s did not answer command \"%s\": %s"
                                            .formatted(member, command, failure.getMessage())));
        }
    }
}
