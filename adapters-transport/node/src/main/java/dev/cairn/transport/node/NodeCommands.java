package dev.cairn.transport.node;

import dev.cairn.ports.fleet.ClusterCommands.CommandException;
import dev.cairn.ports.fleet.CommandLine;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import dev.cairn.ports.system.Timers;
import java.io.IOException;
import java.time.Duration;

/**
 * Asks workers by their addresses to do something, where no fleet carries commands. A connection
 * per command.
 *
 * <p>Threads: any; a virtual thread per command hears the answer.
 */
public final class NodeCommands implements CommandLine {

    private final NodeOptions options;
    private final Clock clock;
    private final Timers timers;

    public NodeCommands(NodeOptions options, Clock clock, Timers timers) {
        this.options = options;
        this.clock = clock;
        this.timers = timers;
    }

    /**
     * @param member address of its node protocol
     */
    @Override
    public void ask(
            String member,
            String command,
            JsonValue argument,
            Duration atMost,
            Completion<JsonValue> done) {
        Thread.ofVirtual()
                .name("node-command")
                .start(
                        () -> {
                            JsonValue answer;
                            try {
                                answer =
                                        answer(
                                                NodeAddress.parse(member),
                                                command,
                                                argument,
                                                atMost);
                            } catch (IOException
                                    | ProtocolException
                                    | JsonException
                                    | IllegalArgumentException broken) {
                                done.failed(
                                        new CommandException(member + ": " + broken.getMessage()));
                                return;
                            }
                            done.completed(answer);
                        });
    }

    private JsonValue answer(
            NodeAddress address, String command, JsonValue argument, Duration atMost)
            throws IOException, ProtocolException {
        var connection = new NodeConnection(address, options);
        Timers.Cancellation late =
                timers.schedule(clock.nanos() + atMost.toNanos(), connection::close);
        try (connection) {
            connection.open(options.connectTime());
            connection.post(NodeProtocol.COMMAND, options.key(), question(command, argument));
            int status = connection.readHead();
            if (status != 200) {
                throw new ProtocolException("it answered " + status + ": " + connection.readText());
            }
            var payload = new Payload();
            for (int type = connection.readFrame(payload);
                    type >= 0;
                    type = connection.readFrame(payload)) {
                if (type == NodeProtocol.ANSWERED) {
                    return JsonReader.read(payload.getText());
                }
            }
            throw new ProtocolException("it ended before its answer");
        } finally {
            late.cancel();
        }
    }

    private static byte[] question(String command, JsonValue argument) {
        return new FrameWriter()
                .putText(
                        JsonWriter.write(
                                JsonObject.builder()
                                        .put("version", NodeProtocol.VERSION)
                                        .put("command", command)
                                        .put("argument", argument)
                                        .build()))
                .toBytes();
    }
}
