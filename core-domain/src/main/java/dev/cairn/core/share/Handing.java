package dev.cairn.core.share;

import dev.cairn.core.share.Consignment.Offered;
import dev.cairn.core.share.TakeBlocks.Fate;
import dev.cairn.ports.fleet.CommandLine;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Asks members to take blocks of this one, a batch at a time.
 *
 * <p>Threads: any.
 */
final class Handing {

    private static final System.Logger LOG = System.getLogger(Handing.class.getName());

    private final String self;
    private final CommandLine commands;

    /**
     * @param self by which the other side finds this process: {@code Member#id}, or its transport's
     *     address
     */
    Handing(String self, CommandLine commands) {
        this.self = self;
        this.commands = commands;
    }

    /** What a member said of a block. */
    record Handed(Offered block, Fate fate) {

        boolean arrived() {
            return fate == Fate.TAKEN || fate == Fate.HELD;
        }
    }

    /**
     * @param handed hears of the blocks of the batch; of none if the member did not answer; on any
     *     thread
     */
    void offer(String member, List<Offered> batch, Duration atMost, Consumer<List<Handed>> handed) {
        Consignment consignment = new Consignment(self, batch);
        commands.ask(
                member,
                TakeBlocks.COMMAND,
                consignment.toJson(),
                atMost,
                new Completion<>() {
                    @Override
                    public void completed(JsonValue answer) {
                        handed.accept(read(answer, consignment.blocks()));
                    }

                    @Override
                    public void failed(Throwable failure) {
                        LOG.log(
                                System.Logger.Level.WARNING,
                                "{0} does not take blocks that are handed to it: {1}",
                                member,
                                failure.getMessage());
                        handed.accept(List.of());
                    }
                });
    }

    /** Nobody who answers something else is believed. */
    private static List<Handed> read(JsonValue answer, List<Offered> blocks) {
        if (answer instanceof JsonObject object
                && object.member("blocks") instanceof JsonString(var letters)
                && letters.length() == blocks.size()) {
            return IntStream.range(0, blocks.size())
                    .mapToObj(i -> new Handed(blocks.get(i), Fate.of(letters.charAt(i))))
                    .toList();
        }
        return List.of();
    }
}
