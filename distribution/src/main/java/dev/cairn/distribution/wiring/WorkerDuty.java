package dev.cairn.distribution.wiring;

import dev.cairn.core.request.Inference;
import dev.cairn.core.share.HandOverReport;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.WorkerService;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;

/**
 * This process as an operator commands it: another role, or none. Routers hear of it as of anything
 * else that a worker says of itself, and give it other work; what runs is not touched by a role.
 *
 * <p>Threads: any.
 */
final class WorkerDuty implements WorkerService {

    private final CurrentRole role;
    private final WorkerNode node;
    private final Cluster cluster;
    private final CacheSharing sharing;
    private final Inference inference;
    private volatile boolean draining;

    WorkerDuty(
            CurrentRole role,
            WorkerNode node,
            Cluster cluster,
            CacheSharing sharing,
            Inference inference) {
        this.role = role;
        this.node = node;
        this.cluster = cluster;
        this.sharing = sharing;
        this.inference = inference;
    }

    @Override
    public JsonObject duty() {
        return JsonObject.builder()
                .put("role", nameOf(role.now()))
                .put("draining", draining)
                .build();
    }

    private static String nameOf(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public synchronized JsonObject changeRole(String wanted) {
        Role next = parse(wanted);
        Role now = role.now();
        if (next == now) {
            return duty();
        }
        if (draining) {
            throw refused("this worker drains, and gets no work of any kind");
        }
        if (sharing.firstTier().isEmpty()) {
            throw refused(
                    "blocks do not travel to or from this worker, so it can be nothing but all;"
                            + " that takes --role prefill or decode, or cairn.cache.tiers, at its"
                            + " start");
        }
        if (next != Role.ALL && isLast(now)) {
            throw refused(
                    "this is the last worker here that %s; give another one that role first"
                            .formatted(now == Role.PREFILL ? "reads prompts" : "answers"));
        }
        role.become(next);
        cluster.describe(self -> as(next, self));
        return duty();
    }

    private static Role parse(String name) {
        return switch (name) {
            case "prefill" -> Role.PREFILL;
            case "decode" -> Role.DECODE;
            case "all" -> Role.ALL;
            default -> throw refused("must be prefill, decode or all");
        };
    }

    /** Whether nobody else in the fleet does that for the same models. */
    private boolean isLast(Role now) {
        Member self = cluster.membership().self();
        return cluster.configured()
                && cluster.membership().members().stream()
                        .filter(member -> !member.id().equals(self.id()) && !member.draining())
                        .filter(member -> !Collections.disjoint(member.models(), self.models()))
                        .noneMatch(
                                member ->
                                        member.role() == now
                                                || now == Role.DECODE && member.role() == Role.ALL);
    }

    private static Member as(Role role, Member self) {
        return new Member(
                self.id(),
                role,
                self.httpAddress(),
                self.transferAddresses(),
                self.models(),
                self.draining(),
                self.properties());
    }

    private static RequestRefused refused(String why) {
        return new RequestRefused(RequestProblem.invalid("role", "role: " + why));
    }

    @Override
    public void drain(Duration atMost, Completion<JsonObject> done) {
        draining = true;
        cluster.describe(Cluster::draining);
        inference.drain();
        int interrupted = node.drain();
        if (!sharing.canHandOver() || sharing.isAlone()) {
            done.completed(report(interrupted, Optional.empty()));
            return;
        }
        sharing.drain(
                atMost,
                new Completion<>() {
                    @Override
                    public void completed(HandOverReport handed) {
                        done.completed(report(interrupted, Optional.of(handed.toJson())));
                    }

                    @Override
                    public void failed(Throwable failure) {
                        done.failed(failure);
                    }
                });
    }

    private static JsonObject report(int interrupted, Optional<JsonValue> handed) {
        JsonValue.Builder report =
                JsonObject.builder().put("draining", true).put("passed_on", interrupted);
        handed.ifPresent(blocks -> report.put("handed_over", blocks));
        return report.build();
    }
}
