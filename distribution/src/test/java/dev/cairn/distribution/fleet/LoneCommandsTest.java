package dev.cairn.distribution.fleet;

import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.tck.ClusterCommandsContract;
import org.junit.jupiter.api.AfterEach;

class LoneCommandsTest extends ClusterCommandsContract {

    private final LoneCommands commands = new LoneCommands("self");

    @AfterEach
    void close() {
        commands.close();
    }

    @Override
    protected ClusterCommands commands() {
        return commands;
    }

    @Override
    protected ClusterCommands answering() {
        return commands;
    }

    @Override
    protected String answeringId() {
        return "self";
    }
}
