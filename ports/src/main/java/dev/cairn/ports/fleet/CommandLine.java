package dev.cairn.ports.fleet;

import dev.cairn.ports.fleet.ClusterCommands.CommandException;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import java.time.Duration;

/** By which another member is asked to do something. Threads: any; nothing waits. */
@FunctionalInterface
public interface CommandLine {

    /**
     * Asks a member.
     *
     * @param member {@link Member#id}, or its address where members have none
     * @param command name of a handler there
     * @param done its answer; or {@link CommandException} if the member is not there, knows no such
     *     command, failed, or did not answer in time
     */
    void ask(
            String member,
            String command,
            JsonValue argument,
            Duration atMost,
            Completion<JsonValue> done);
}
