package dev.cairn.plugin.hazelcast;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.ExecutionCallback;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IExecutorService;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Settings.SettingException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes from member to member over one Hazelcast instance, and over a {@link DirectLine} to those
 * that Hazelcast has lost: what it takes for dead may be cut off, and is called until it is heard
 * of again. From then on it is there, whenever Hazelcast has it back.
 */
final class HazelcastLink implements Link {

    private static final Logger LOGGER = System.getLogger(HazelcastLink.class.getName());

    private static final long LAST_WORDS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long WARNING_NANOS = TimeUnit.MINUTES.toNanos(1);

    /**
     * Messages to a member that it has not taken yet. With more it is told nothing, and asks when
     * it hears of it by a beacon: Hazelcast would keep everything, so that a member which was slow
     * for a moment would learn what counts now behind all that does not count any more.
     */
    private static final int MOST_UNDER_WAY = 256;

    /** Who was not heard of for so long will not come back. */
    private static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(10);

    private static final int MOST_KNOWN = 1024;

    private static final Executor LATER =
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

    private final String self;
    private final Frames frames;
    private final FleetOptions options;
    private final DirectLine line;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final AtomicLong warned = new AtomicLong(System.nanoTime() - 2 * WARNING_NANOS);
    private volatile Receiver receiver;
    private final Map<String, Semaphore> rooms = new ConcurrentHashMap<>();
    private volatile Map<String, Member> others = Map.of();
    private HazelcastInstance hazelcast;
    private IExecutorService state;
    private IExecutorService commands;

    private HazelcastLink(FleetOptions options, String self, Frames frames) {
        this.options = options;
        this.self = self;
        this.frames = frames;
        try {
            this.line = new DirectLine(options.directListenAddress(), this::receiveDirect);
        } catch (IOException refused) {
            throw new SettingException(
                    "cairn.cluster.direct-port: cannot listen on %s port %d: %s"
                            .formatted(options.host(), options.directPort(), refused.getMessage()));
        }
    }

    /**
     * Joins, or begins alone and goes on looking for the others.
     *
     * @throws SettingException if it cannot listen as configured
     */
    static HazelcastLink join(FleetOptions options, String self, Frames frames) {
        checkFree(options);
        HazelcastLink link = new HazelcastLink(options, self, frames);
        try {
            link.hazelcast =
                    Hazelcast.newHazelcastInstance(HazelcastConfiguration.of(options, self, link));
        } catch (HazelcastException | IllegalStateException | IllegalArgumentException refused) {
            link.line.close();
            throw new SettingException(
                    "cairn.cluster.port: cannot join the fleet from %s port %d: %s"
                            .formatted(options.host(), options.port(), refused.getMessage()));
        }
        link.state = link.hazelcast.getExecutorService(HazelcastConfiguration.STATE);
        link.commands = link.hazelcast.getExecutorService(HazelcastConfiguration.COMMANDS);
        return link;
    }

    /** In our words and a line, where Hazelcast has a page. */
    private static void checkFree(FleetOptions options) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(options.listenAddress());
        } catch (IOException refused) {
            throw new SettingException(
                    "cairn.cluster.port: cannot listen on %s port %d: %s; take another by --cluster-port"
                            .formatted(options.host(), options.port(), refused.getMessage()));
        }
    }

    /** From now on what others say is heard. */
    void start(Receiver heardBy) {
        receiver = heardBy;
        hazelcast
                .getCluster()
                .addMembershipListener(
                        new MembershipListener() {
                            @Override
                            public void memberAdded(MembershipEvent event) {
                                heardBy.membersChanged();
                            }

                            @Override
                            public void memberRemoved(MembershipEvent event) {
                                heardBy.membersChanged();
                            }
                        });
    }

    /** Where others call this member without Hazelcast. */
    String directAddress() {
        return options.directAddress(line.port());
    }

    @Override
    public Set<String> others() {
        try {
            Map<String, Member> found = new HashMap<>();
            for (Member member : hazelcast.getCluster().getMembers()) {
                String id = member.getAttribute(HazelcastConfiguration.ID);
                if (id != null && !id.equals(self)) {
                    found.put(id, member);
                    remember(id, member.getAttribute(HazelcastConfiguration.DIRECT));
                }
            }
            others = Map.copyOf(found);
        } catch (RuntimeException betweenTwoClusters) {
            // Hazelcast joins anew after a split; until then we know whom we knew.
            LOGGER.log(Level.DEBUG, "no list of members just now", betweenTwoClusters);
        }
        Set<String> there = new HashSet<>(others.keySet());
        long now = System.nanoTime();
        known.forEach(
                (id, member) -> {
                    if (member.isHeard && now - member.heardAt < options.heartbeat().toNanos()) {
                        there.add(id);
                    }
                });
        rooms.keySet().retainAll(there);
        return there;
    }

    private void remember(String id, String address) {
        long now = System.nanoTime();
        Known member = known.get(id);
        if (member != null) {
            member.seenAt = now;
        } else if (address != null && known.size() < MOST_KNOWN) {
            known.put(id, new Known(address, now));
        }
    }

    @Override
    public Set<String> cutOff() {
        Set<String> cut = new HashSet<>(known.keySet());
        cut.removeAll(others.keySet());
        long now = System.nanoTime();
        for (String id : List.copyOf(cut)) {
            Known member = known.get(id);
            boolean isLost =
                    now - member.seenAt > FORGET_NANOS
                            && (!member.isHeard || now - member.heardAt > FORGET_NANOS);
            if (isLost) {
                forget(id);
                cut.remove(id);
            }
        }
        return cut;
    }

    @Override
    public void forget(String member) {
        Known gone = known.remove(member);
        if (gone != null) {
            line.forget(gone.address);
        }
    }

    @Override
    public void tell(String member, byte[] message) {
        Semaphore room = rooms.computeIfAbsent(member, _ -> new Semaphore(MOST_UNDER_WAY));
        if (room.tryAcquire()) {
            // Its answer says that it came, or why not; who must know looks at the beacons.
            var _ = submit(member, message).whenComplete((_, _) -> room.release());
        }
    }

    @Override
    public void tellLast(Set<String> members, byte[] message) {
        List<CompletableFuture<byte[]>> underway =
                members.stream().map(member -> submit(member, message)).toList();
        long end = System.nanoTime() + LAST_WORDS_NANOS;
        for (CompletableFuture<byte[]> each : underway) {
            try {
                each.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (ExecutionException | TimeoutException lost) {
                LOGGER.log(Level.DEBUG, "a member was not told that this one leaves", lost);
            } catch (InterruptedException impatient) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private CompletableFuture<byte[]> submit(String member, byte[] message) {
        return submit(state, member, frames.message(member, message));
    }

    /** By Hazelcast if it knows the member, else by the direct line, which takes no commands. */
    private CompletableFuture<byte[]> submit(
            IExecutorService executor, String member, byte[] frame) {
        Member target = others.get(member);
        Known cutOff = known.get(member);
        if (target == null) {
            return cutOff == null || executor == commands
                    ? CompletableFuture.failedFuture(new IllegalStateException("it is not there"))
                    : line.call(cutOff.address, frame);
        }
        CompletableFuture<byte[]> taken = new CompletableFuture<>();
        try {
            executor.submitToMember(
                    new Envelope(frame),
                    target,
                    new ExecutionCallback<byte[]>() {
                        @Override
                        public void onResponse(byte[] response) {
                            taken.complete(response);
                        }

                        @Override
                        public void onFailure(Throwable failure) {
                            taken.completeExceptionally(failure);
                        }
                    });
        } catch (RuntimeException notSent) {
            taken.completeExceptionally(notSent);
        }
        return taken;
    }

    /**
     * A command to a member that only Hazelcast has lost waits until it has found it again: others
     * see that member all the while.
     */
    private CompletableFuture<byte[]> submitOnceThere(
            IExecutorService executor, String member, byte[] frame, long end) {
        boolean waits =
                executor == commands
                        && others().contains(member)
                        && !others.containsKey(member)
                        && System.nanoTime() < end;
        return waits
                ? CompletableFuture.supplyAsync(() -> member, LATER)
                        .thenCompose(_ -> submitOnceThere(executor, member, frame, end))
                : submit(executor, member, frame);
    }

    @Override
    public void ask(String member, Question question, Duration atMost, Completion<byte[]> done) {
        Frames.Asked asked = frames.question(member, question.encode());
        IExecutorService executor =
                switch (question) {
                    case Question.Command _ -> commands;
                    case Question.Differences _, Question.Contents _ -> state;
                };
        long end = System.nanoTime() + atMost.toNanos();
        submitOnceThere(executor, member, asked.frame(), end)
                .thenApply(asked::answer)
                .orTimeout(atMost.toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete(
                        (answer, failure) -> {
                            if (failure == null) {
                                done.completed(answer);
                            } else {
                                done.failed(
                                        failure instanceof CompletionException
                                                ? failure.getCause()
                                                : failure);
                            }
                        });
    }

    /** Runs on Hazelcast's threads, for every envelope that comes here; never throws. */
    byte[] receive(byte[] frame) {
        return receive(frame, false);
    }

    /** Runs on the direct line's threads; who was never there is not listened to. */
    private byte[] receiveDirect(byte[] frame) {
        return receive(frame, true);
    }

    private byte[] receive(byte[] frame, boolean isDirect) {
        Receiver heardBy = receiver;
        if (heardBy == null) {
            return Frames.refusal("it has not begun yet");
        }
        try {
            Frames.Opened opened = frames.open(frame);
            if (isDirect) {
                Known member = known.get(opened.from());
                if (member == null) {
                    return Frames.refusal("it was never seen in the fleet");
                }
                member.heardAt = System.nanoTime();
                member.isHeard = true;
            }
            if (!opened.question()) {
                heardBy.heard(opened.from(), opened.content());
                return new byte[0];
            }
            return opened.answer(heardBy.asked(opened.from(), Question.decode(opened.content())));
        } catch (MalformedMessage unusable) {
            LOGGER.log(Level.WARNING, "dropped what another member sent: " + unusable.getMessage());
            return Frames.refusal(unusable.getMessage());
        } catch (RuntimeException failed) {
            LOGGER.log(Level.WARNING, "could not take what another member sent", failed);
            return Frames.refusal("it failed");
        }
    }

    /** A member with another key sends something every second; a line a minute is enough. */
    private void warn(String what) {
        long now = System.nanoTime();
        long last = warned.get();
        boolean due = now - last > WARNING_NANOS && warned.compareAndSet(last, now);
        LOGGER.log(due ? Level.WARNING : Level.DEBUG, what);
    }

    /** At once: there is no data to hand over, and farewell has been said. */
    @Override
    public void close() {
        receiver = null;
        line.close();
        hazelcast.getLifecycleService().terminate();
    }

    /** A member that was in the cluster. */
    private static final class Known {

        private final String address;
        private volatile long seenAt;
        private volatile long heardAt;
        private volatile boolean isHeard;

        Known(String address, long seenAt) {
            this.address = address;
            this.seenAt = seenAt;
        }
    }
}
