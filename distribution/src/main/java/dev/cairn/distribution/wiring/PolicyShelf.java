package dev.cairn.distribution.wiring;

import dev.cairn.core.route.policy.RoutingPolicies;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.RoutingSettings;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The routing policies that are there: built in, and of plugins. */
@Singleton
public final class PolicyShelf {

    private final PluginCatalog plugins;
    private final PluginContext context;

    @Inject
    public PolicyShelf(PluginCatalog plugins, PluginContext context) {
        this.plugins = plugins;
        this.context = context;
    }

    /**
     * A policy, and how it is unloaded.
     *
     * @param unload nothing for a policy that stays
     */
    public record Shelved(RoutingPolicy policy, Optional<Runnable> unload) {}

    /** All that were there at the start. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        RoutingPolicies.all().forEach(policy -> names.add(policy.name()));
        plugins.offers(RoutingPolicy.class, context, CairnPlugin::routingPolicies)
                .forEach(offer -> names.add(offer.extension().name()));
        return names;
    }

    /** A plugin's is loaded anew from its jar as that is now. */
    public Optional<Shelved> find(String name) {
        Optional<RoutingPolicy> builtIn = RoutingPolicies.named(name);
        if (builtIn.isPresent()) {
            return builtIn.map(policy -> new Shelved(policy, Optional.empty()));
        }
        return plugins.fresh(
                        context, CairnPlugin::routingPolicies, policy -> policy.name().equals(name))
                .map(
                        fresh ->
                                new Shelved(
                                        fresh.guarded(fresh.extension()),
                                        Optional.of(fresh.plugin()::unload)));
    }

    /** The policy that a setting names. */
    Shelved configured(Configuration configuration, String key) {
        String name = configuration.requiredText(key);
        return find(name)
                .orElseThrow(
                        () ->
                                configuration.problem(
                                        key,
                                        "there is no policy \"%s\"; write one of %s"
                                                .formatted(name, String.join(", ", names()))));
    }

    /** The policy that is asked besides, if there is to be one. */
    Optional<Shelved> shadow(Configuration configuration) {
        return configuration
                .text(RoutingSettings.SHADOW_POLICY)
                .map(_ -> configured(configuration, RoutingSettings.SHADOW_POLICY));
    }
}
