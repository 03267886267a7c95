package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.cache.BlockDirectory.BlockHolder;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.system.Completion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Members in one thread over a network that loses, delays and reorders what it carries, as often as
 * it is told to; each knows what it announced, so that replicas can be held against the truth.
 */
final class LossyNetwork {

    static {
        QuietLogs.turnDown();
    }

    private final Random random;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final List<Runnable> underway = new ArrayList<>();
    private final Set<Set<String>> cuts = new HashSet<>();
    private double loss;
    private double silence;
    private long nanos;
    private int born;

    LossyNetwork(Random random) {
        this.random = random;
    }

    /** Share of messages, questions and answers that do not arrive. */
    void lose(double share) {
        loss = share;
    }

    /** Share of questions that are never answered, not even by a failure. */
    void swallow(double share) {
        silence = share;
    }

    /**
     * @param most blocks of others that it has room for
     * @param queue changes that may wait before some are left out
     */
    Node join(int most, int queue) {
        Node node = new Node("member-" + born++, most, queue);
        nodes.put(node.id, node);
        nodes.values().forEach(each -> each.state.lookAround());
        return node;
    }

    /** Ends a member without a word. */
    void kill(Node node) {
        nodes.remove(node.id);
        nodes.values().forEach(each -> each.state.lookAround());
    }

    /** Nobody of one side reaches anybody of the other. */
    void split(List<Node> side) {
        for (Node one : side) {
            for (Node other : nodes.values()) {
                if (!side.contains(other)) {
                    cuts.add(Set.of(one.id, other.id));
                }
            }
        }
        nodes.values().forEach(each -> each.state.lookAround());
    }

    void heal() {
        cuts.clear();
        nodes.values().forEach(each -> each.state.lookAround());
    }

    List<Node> nodes() {
        return List.copyOf(nodes.values());
    }

    /** Delivers some of what is under way, in any order that is not too far from its own. */
    void deliver(int most) {
        for (int i = 0; i < most && !underway.isEmpty(); i++) {
            underway.remove(random.nextInt(Math.min(underway.size(), 6))).run();
        }
    }

    /** Half a second, a tick, and everything arrives. */
    void settle() {
        nanos += TimeUnit.MILLISECONDS.toNanos(500);
        nodes.values().stream().filter(node -> !node.stopped).forEach(node -> node.state.tick());
        deliver(Integer.MAX_VALUE);
    }

    private boolean connected(String one, String other) {
        return nodes.containsKey(one)
                && nodes.containsKey(other)
                && !cuts.contains(Set.of(one, other));
    }

    private boolean stopped(String id) {
        return nodes.get(id).stopped;
    }

    /** A member and what it says that it holds. */
    final class Node implements Link {

        private final String id;
        private final BlockDigest digest = new BlockDigest();
        private final Roll roll;
        private final Holdings holdings;
        private final Replicas replicas;
        private final FleetState state;
        private final Map<BlockKey, Set<String>> truth = new HashMap<>();
        private final List<Runnable> unheard = new ArrayList<>();
        private boolean stopped;

        private Node(String id, int most, int queue) {
            this.id = id;
            roll =
                    new Roll(
                            new Member(id, Role.ALL, "", Map.of(), Set.of(), false, Map.of()),
                            Runnable::run);
            holdings = new Holdings(digest, most, queue);
            replicas = new Replicas(most);
            state =
                    new FleetState(
                            this,
                            Runnable::run,
                            roll,
                            holdings,
                            replicas,
                            () -> nanos,
                            TimeUnit.SECONDS.toNanos(5));
        }

        /** It stands still, and nobody is told; what is sent to it waits. */
        void stop() {
            stopped = true;
        }

        void goOn() {
            stopped = false;
            underway.addAll(unheard);
            unheard.clear();
        }

        private void receive(Runnable work) {
            if (stopped) {
                unheard.add(work);
            } else {
                work.run();
            }
        }

        String id() {
            return id;
        }

        Roll roll() {
            return roll;
        }

        Replicas replicas() {
            return replicas;
        }

        Map<BlockKey, Set<String>> truth() {
            return truth;
        }

        void announce(List<BlockKey> keys, String tier) {
            holdings.announce(keys, tier);
            keys.forEach(key -> truth.computeIfAbsent(key, any -> new HashSet<>()).add(tier));
            if (random.nextInt(3) == 0) {
                state.blocksChanged();
            }
        }

        void withdraw(List<BlockKey> keys, String tier) {
            holdings.withdraw(keys, tier);
            keys.forEach(key -> truth.getOrDefault(key, new HashSet<>()).remove(tier));
            if (random.nextInt(3) == 0) {
                state.blocksChanged();
            }
        }

        void describe(Member changed) {
            roll.describe(changed);
            state.factsChanged();
        }

        void tick() {
            state.tick();
        }

        void leave() {
            state.sayFarewell();
        }

        Set<BlockHolder> holders(BlockKey key) {
            List<BlockHolder> found = replicas.holders(digest.high(key), digest.low(key));
            Set<BlockHolder> distinct = new HashSet<>(found);
            if (distinct.size() < found.size()) {
                throw new AssertionError("a holder is told twice: " + found);
            }
            return distinct;
        }

        /** What it holds, as the others ought to know it. */
        Set<BlockHolder> says(BlockKey key) {
            return truth.getOrDefault(key, Set.of()).stream()
                    .map(tier -> new BlockHolder(id, tier))
                    .collect(Collectors.toSet());
        }

        /** What it ought to answer, by what the others say. */
        Set<BlockHolder> expected(BlockKey key) {
            return nodes.values().stream()
                    .filter(other -> other != this && connected(id, other.id))
                    .flatMap(other -> other.says(key).stream())
                    .collect(Collectors.toSet());
        }

        @Override
        public Set<String> others() {
            return nodes.keySet().stream()
                    .filter(other -> !other.equals(id) && connected(id, other))
                    .collect(Collectors.toSet());
        }

        @Override
        public void tell(String member, byte[] message) {
            if (random.nextDouble() >= loss) {
                underway.add(
                        () -> {
                            if (connected(id, member)) {
                                Node target = nodes.get(member);
                                target.receive(() -> target.state.hear(id, message));
                            }
                        });
            }
        }

        @Override
        public void tellLast(Set<String> members, byte[] message) {
            members.forEach(member -> tell(member, message));
        }

        @Override
        public void ask(
                String member, Question question, Duration atMost, Completion<byte[]> done) {
            if (random.nextDouble() < silence) {
                return;
            }
            byte[] asked = question.encode();
            boolean lost = random.nextDouble() < loss;
            underway.add(
                    () -> {
                        if (lost || !connected(id, member) || stopped(member)) {
                            done.failed(new IllegalStateException("lost on the way"));
                            return;
                        }
                        byte[] answer = nodes.get(member).answer(Question.decode(asked));
                        boolean lostToo = random.nextDouble() < loss;
                        underway.add(
                                () -> {
                                    if (lostToo || !connected(id, member)) {
                                        done.failed(new IllegalStateException("answer lost"));
                                    } else {
                                        done.completed(answer);
                                    }
                                });
                    });
        }

        private byte[] answer(Question question) {
            return switch (question) {
                case Question.Differences asked -> holdings.answer(asked).encode();
                case Question.Contents asked -> holdings.answer(asked).encode();
                case Question.Command _ -> throw new AssertionError("nobody asks for that");
            };
        }

        @Override
        public void close() {}
    }
}
