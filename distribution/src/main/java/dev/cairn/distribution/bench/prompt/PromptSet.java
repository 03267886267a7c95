package dev.cairn.distribution.bench.prompt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** Generated sets of prompts: the same seed, shape and tokenizer give the same texts. */
public enum PromptSet {
    /** One length in, one length out; no two prompts begin alike. */
    FIXED {
        @Override
        List<Session> sessions(PromptShape shape, PromptWriter writer) {
            return single(shape, (_, random) -> answer("fixed", shape, writer, random, 1, 1));
        }
    },
    /** Half short, a third middling, the rest long: a quarter, once and four times the length. */
    CHAT {
        @Override
        List<Session> sessions(PromptShape shape, PromptWriter writer) {
            List<Integer> kinds =
                    Shares.assign(shape.requests(), CHAT_SHARES, random(shape, "chat", -1));
            return single(
                    shape,
                    (index, random) ->
                            switch (kinds.get(index)) {
                                case 0 -> answer("short", shape, writer, random, 0.25, 0.5);
                                case 1 -> answer("middling", shape, writer, random, 1, 1);
                                default -> answer("long", shape, writer, random, 4, 2);
                            });
        }
    },
    /** Questions behind a few long system prompts. */
    SHARED_PREFIX {
        @Override
        List<Session> sessions(PromptShape shape, PromptWriter writer) {
            List<Message> systems = systems(shape, writer);
            List<Integer> groups =
                    Shares.assign(
                            shape.requests(),
                            Collections.nCopies(shape.prefixes(), 1),
                            random(shape, "groups", -1));
            return single(
                    shape,
                    (index, random) ->
                            new Drawn(
                                    "prefix " + groups.get(index),
                                    Turn.first(
                                            writer.prompt(
                                                    List.of(systems.get(groups.get(index))),
                                                    "",
                                                    random,
                                                    shape.prefixTokens() + shape.inputTokens()),
                                            shape.outputTokens())));
        }
    },
    /** Conversations: every turn repeats the prompt and the answer before it. */
    MULTI_TURN {
        @Override
        List<Session> sessions(PromptShape shape, PromptWriter writer) {
            List<Message> systems = systems(shape, writer);
            return IntStream.range(0, shape.sessions(shape.turns()))
                    .mapToObj(index -> conversation(index, systems, shape, writer))
                    .toList();
        }
    },
    /**
     * A main agent that plans, subagents that go on from its plan with tools, and its conclusion.
     */
    AGENTIC {
        @Override
        List<Session> sessions(PromptShape shape, PromptWriter writer) {
            List<Message> systems = systems(shape, writer);
            int each = 2 + shape.subagents() * SUBAGENT_TURNS;
            return IntStream.range(0, shape.sessions(each))
                    .mapToObj(index -> agent(index, systems, shape, writer))
                    .toList();
        }
    };

    private static final List<Integer> CHAT_SHARES = List.of(50, 35, 15);

    /** A subagent's task, and what two tools gave it. */
    private static final int SUBAGENT_TURNS = 3;

    /** The sessions of the set, in the order in which they begin. */
    public List<Session> generate(PromptShape shape, PromptWriter writer) {
        return sessions(shape, writer);
    }

    abstract List<Session> sessions(PromptShape shape, PromptWriter writer);

    /** As users write it: {@code shared-prefix}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<PromptSet> named(String label) {
        return Arrays.stream(values()).filter(set -> set.label().equals(label)).findFirst();
    }

    List<Session> single(PromptShape shape, Drawing drawing) {
        return IntStream.range(0, shape.requests())
                .mapToObj(
                        index -> {
                            Drawn drawn = drawing.draw(index, random(shape, "session", index));
                            return new Session(index, drawn.label(), 0, List.of(drawn.turn()));
                        })
                .toList();
    }

    private static Drawn answer(
            String label,
            PromptShape shape,
            PromptWriter writer,
            Random random,
            double inputFactor,
            double outputFactor) {
        int input = (int) Math.max(1, Math.round(shape.inputTokens() * inputFactor));
        int output = (int) Math.max(1, Math.round(shape.outputTokens() * outputFactor));
        return new Drawn(label, Turn.first(writer.prompt(List.of(), "", random, input), output));
    }

    List<Message> systems(PromptShape shape, PromptWriter writer) {
        return IntStream.range(0, shape.prefixes())
                .mapToObj(
                        index ->
                                Message.system(
                                        writer.text(
                                                random(shape, "system", index),
                                                shape.prefixTokens())))
                .toList();
    }

    Session conversation(int index, List<Message> systems, PromptShape shape, PromptWriter writer) {
        Random random = random(shape, "session", index);
        List<Turn> turns = new ArrayList<>();
        turns.add(opening(systems.get(index % systems.size()), shape, writer, random));
        while (turns.size() < shape.turns()) {
            turns.add(next(turns.size() - 1, shape, writer, random));
        }
        return new Session(index, "conversation", 0, turns);
    }

    Session agent(int index, List<Message> systems, PromptShape shape, PromptWriter writer) {
        Random random = random(shape, "session", index);
        List<Turn> turns = new ArrayList<>();
        List<Integer> conclusions = new ArrayList<>();
        turns.add(opening(systems.get(index % systems.size()), shape, writer, random));
        for (int i = 0; i < shape.subagents(); i++) {
            int context = 0;
            for (int turn = 0; turn < SUBAGENT_TURNS; turn++) {
                turns.add(next(context, shape, writer, random));
                context = turns.size() - 1;
            }
            conclusions.add(context);
        }
        turns.add(
                new Turn(
                        0,
                        conclusions,
                        List.of(Message.user(writer.text(random, shape.inputTokens()))),
                        Turn.UNKNOWN,
                        shape.outputTokens()));
        return new Session(index, "agent", 0, turns);
    }

    private static Turn opening(
            Message system, PromptShape shape, PromptWriter writer, Random random) {
        return Turn.first(
                writer.prompt(
                        List.of(system), "", random, shape.prefixTokens() + shape.inputTokens()),
                shape.outputTokens());
    }

    private static Turn next(int context, PromptShape shape, PromptWriter writer, Random random) {
        return Turn.after(
                context,
                Message.user(writer.text(random, shape.inputTokens())),
                shape.outputTokens());
    }

    /**
     * A source of its own for every session of every set: more sessions change none of the first,
     * and no set finds cached what another one left.
     */
    Random random(PromptShape shape, String purpose, int index) {
        return Seeds.random(shape.seed(), label() + ' ' + purpose, index);
    }

    /** Draws the only turn of a session. */
    private interface Drawing {
        Drawn draw(int index, Random random);
    }

    private record Drawn(String label, Turn turn) {}
}
