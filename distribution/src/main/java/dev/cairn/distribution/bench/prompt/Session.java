package dev.cairn.distribution.bench.prompt;

import java.util.List;

/**
 * Requests that belong together: one, or a conversation, or an agent with its subagents.
 *
 * @param label what kind of session of its set it is, for the report
 * @param dueMillis when it begins, from the begin of a trace; 0 where the arrival process decides
 * @param turns each builds on earlier ones only
 */
public record Session(int index, String label, long dueMillis, List<Turn> turns) {

    public Session {
        turns = List.copyOf(turns);
        for (int i = 0; i < turns.size(); i++) {
            int self = i;
            if (turns.get(i).context() >= i
                    || turns.get(i).joins().stream().anyMatch(join -> join >= self)) {
                throw new IllegalArgumentException("turn " + i + " builds on a later one");
            }
        }
    }
}
