package dev.cairn.distribution.wiring;

import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.inject.Singleton;
import java.util.Map;

/** Shows objects that exist already to the container, so that constructors can ask for them. */
final class GivenParts implements Extension {

    private final Map<Class<?>, Object> parts;

    GivenParts(Map<Class<?>, Object> parts) {
        this.parts = Map.copyOf(parts);
    }

    void add(@Observes AfterBeanDiscovery discovery) {
        parts.forEach(
                (type, part) ->
                        discovery
                                .addBean()
                                .id(type.getName())
                                .beanClass(type)
                                .types(type, Object.class)
                                .scope(Singleton.class)
                                .produceWith(container -> part));
    }
}
