package dev.cairn.distribution.wiring;

import dev.cairn.core.fleet.PolicyChange;
import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.core.route.PolicyInUse;
import dev.cairn.distribution.plugin.PluginException;
import dev.cairn.distribution.wiring.PolicyShelf.Shelved;
import dev.cairn.ports.fleet.RoutingControl;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
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
