package dev.cairn.distribution.wiring;

import dev.cairn.transport.http.HttpOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** A server from start to end: models behind the use cases, use cases behind HTTP. */
@Singleton
public final class Serving {

    private final InferenceAssembly assembly;
    private final HttpFrontEnd http;
    private HttpOptions options;
    private ServedModels models;

    @Inject
    Serving(InferenceAssembly assembly, HttpFrontEnd http) {
        this.assembly = assembly;
        this.http = http;
    }

    /**
     * Loads the models and listens. When this returns, a request would be served.
     *
     * @throws RuntimeException with a message for the user; {@link #stop} gives back what was taken
     */
    public void start() {
        options = http.check();
        models = assembly.load();
        http.start(options, models.inference());
    }

    /** What is served, where, by what, and how to try it. */
    public List<String> banner() {
        return new Banner(models, http.url(), options).lines();
    }

    /** Drains, closes the port, and gives memory back. */
    public void stop() {
        if (models != null) {
            models.inference().drain();
            http.stop();
            models.close();
        }
    }
}
