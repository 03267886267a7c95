package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.tck.ClusterCommandsContract;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** Commands to another member, signed, and to oneself. */
class CommandsContractIT {

    private static Pair pair;

    @BeforeAll
    static void open() throws IOException {
        pair = new Pair(Map.of("key", "a key that both have"));
        pair.second().describe(false, "model");
        Patience.until(
                "they see each other", () -> pair.first().membership().members().size() == 2);
    }

    @AfterAll
    static void close() {
        pair.close();
    }

    @Nested
    class ToAnother extends ClusterCommandsContract {

        @Override
        protected ClusterCommands commands() {
            return pair.first().commands();
        }

        @Override
        protected ClusterCommands answering() {
            return pair.second().commands();
        }

        @Override
        protected String answeringId() {
            return pair.second().id();
        }
    }

    @Nested
    class ToItself extends ClusterCommandsContract {

        @Override
        protected ClusterCommands commands() {
            return pair.first().commands();
        }

        @Override
        protected ClusterCommands answering() {
            return pair.first().commands();
        }

        @Override
        protected String answeringId() {
            return pair.first().id();
        }
    }
}
