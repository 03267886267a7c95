package dev.cairn.distribution.fleet;

import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Commands of a member to itself, each on a virtual thread. Threads: any. */
public final class LoneCommands implements ClusterCommands {

    private final String self;
    private final Map<String, CommandHandler> handlers = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param self id of this process's member
     */
    public LoneCommands(String self) {
        this.self = self;
    }

    @Override
    public void ask(
            String member,
            String command,
            JsonValue argument,
            Duration atMost,
            Completion<JsonValue> done) {
        try {
            CompletableFuture.supplyAsync(() -> answer(member, command, argument), threads)
                    .orTimeout(atMost.toNanos(), TimeUnit.NANOSECONDS)
                    .whenComplete((answer, failure) -> tell(member, answer, failure, done));
        } catch (RejectedExecutionException closed) {
            done.failed(new CommandException("member %s has left".formatted(member)));
        }
    }

    private JsonValue answer(String member, String command, JsonValue argument) {
        if (!member.equals(self)) {
            throw new CommandException("there is no member %s".formatted(member));
        }
        CommandHandler handler = handlers.get(command);
        if (handler == null) {
            throw new CommandException(
                    "member %s knows no command \"%s\"".formatted(member, command));
        }
        try {
            return handler.answer(argument);
        } catch (RuntimeException failed) {
            throw new CommandException(
                    "command \"%s\" failed on member %s: %s"
                            .formatted(command, member, failed.getMessage()));
        }
    }

    private static void tell(
            String member, JsonValue answer, Throwable failure, Completion<JsonValue> done) {
        switch (failure) {
            case null -> done.completed(answer);
            case CompletionException wrapped when wrapped.getCause() != null ->
                    done.failed(wrapped.getCause());
            case TimeoutException _ ->
                    done.failed(
                            new CommandException(
                                    "member %s did not answer in time".formatted(member)));
            default -> done.failed(failure);
        }
    }

    @Override
    public void handle(String command, CommandHandler handler) {
        if (handlers.putIfAbsent(command, handler) != null) {
            throw new IllegalArgumentException(
                    "command \"%s\" has a handler already".formatted(command));
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
