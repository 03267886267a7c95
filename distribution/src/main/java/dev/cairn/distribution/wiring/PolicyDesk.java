package dev.cairn.distribution.wiring;

import dev.cairn.core.fleet.PolicyChange;
import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.core.route.PolicyInUse;
import dev.cairn.distribution.plugin.PluginException;
import dev.cairn.distribution.wiring.PolicyShelf.Shelved;
import dev.cairn.ports.fleet.RoutingControl;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Swaps the policies of this process's routers, all models alike. Threads: any. */
public final class PolicyDesk implements RoutingControl {

    private final PolicyShelf shelf;
    private final List<RoutedBackend> routers;
    private Optional<String> shadow = Optional.empty();
    private String acting;

    /**
     * @param acting which decides from the first request on
     */
    public PolicyDesk(
            PolicyShelf shelf,
            List<RoutedBackend> routers,
            Shelved acting,
            Optional<Shelved> shadow) {
        this.shelf = shelf;
        this.routers = List.copyOf(routers);
        this.acting = acting.policy().name();
        // Of a plugin's policy the routers have to know that it is unloaded once it is replaced.
        apply(true, Optional.of(acting));
        if (shadow.isPresent()) {
            apply(false, shadow);
        }
    }

    @Override
    public synchronized Status status() {
        return new Status(acting, shadow, shelf.names());
    }

    @Override
    public synchronized Status change(Optional<String> policy, Optional<String> besides) {
        Optional<Shelved> next = policy.map(name -> find("policy", name));
        Optional<Shelved> nextBesides =
                besides.filter(name -> !name.isEmpty()).map(name -> find("shadow_policy", name));
        next.ifPresent(_ -> apply(true, next));
        besides.ifPresent(_ -> apply(false, nextBesides));
        return status();
    }

    /** Of all models: a worker of several is told of once per model. */
    @Override
    public void workers(Completion<List<JsonObject>> done) {
        ask(routers.iterator(), List.of(), done);
    }

    private static void ask(
            Iterator<RoutedBackend> rest,
            List<JsonObject> told,
            Completion<List<JsonObject>> done) {
        if (!rest.hasNext()) {
            done.completed(told);
            return;
        }
        RoutedBackend router = rest.next();
        String model = router.description().model();
        router.workers(
                new Completion<>() {
                    @Override
                    public void completed(List<JsonObject> workers) {
                        List<JsonObject> all = new ArrayList<>(told);
                        workers.forEach(each -> all.add(of(model, each)));
                        ask(rest, all, done);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        done.failed(failure);
                    }
                });
    }

    private static JsonObject of(String model, JsonObject worker) {
        JsonValue.Builder json = JsonObject.builder().put("model", model);
        worker.members().forEach(json::put);
        return json.build();
    }

    private Shelved find(String field, String name) {
        try {
            return shelf.find(name)
                    .orElseThrow(
                            () ->
                                    new RequestRefused(
                                            RequestProblem.invalid(
                                                    field,
                                                    "there is no such policy; there are %s, and those of plugins"
                                                            .formatted(
                                                                    String.join(
                                                                            ", ",
                                                                            shelf.names())))));
        } catch (PluginException broken) {
            throw new RequestRefused(RequestProblem.invalid(field, broken.getMessage()));
        }
    }

    private void apply(boolean acts, Optional<Shelved> policy) {
        Optional<String> name = policy.map(each -> each.policy().name());
        if (acts) {
            acting = name.orElseThrow();
        } else {
            shadow = name;
        }
        AtomicInteger users = new AtomicInteger(routers.size());
        for (RoutedBackend router : routers) {
            router.change(new PolicyChange(acts, policy.map(each -> inUse(each, users))));
        }
    }

    private static PolicyInUse inUse(Shelved shelved, AtomicInteger users) {
        return shelved.unload()
                .map(
                        unload ->
                                PolicyInUse.until(
                                        shelved.policy(),
                                        () -> {
                                            if (users.decrementAndGet() == 0) {
                                                unload.run();
                                            }
                                        }))
                .orElseGet(() -> PolicyInUse.of(shelved.policy()));
    }
}
