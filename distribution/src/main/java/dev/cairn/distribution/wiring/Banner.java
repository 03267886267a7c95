package dev.cairn.distribution.wiring;

import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.transport.http.HttpOptions;
import java.util.ArrayList;
import java.util.List;

/** What `cairn serve` prints once it serves. */
final class Banner {

    private final ServedModels models;
    private final String url;
    private final HttpOptions options;

    Banner(ServedModels models, String url, HttpOptions options) {
        this.models = models;
        this.url = url;
        this.options = options;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("Cairn serves at " + url);
        models.generation().forEach(model -> lines.addAll(lines(model)));
        for (RoutedModel model : models.routed()) {
            lines.add("  model   %s from %s".formatted(model.name(), model.artifact().location()));
            lines.add("  router  " + model.backend().description().report());
        }
        for (LoadedEncoder model : models.encoders()) {
            String name = model.served().description().name();
            lines.add("  model   %s (%s)".formatted(name, model.purpose()));
            lines.add("  engine  " + model.report());
        }
        lines.add("Try it:");
        lines.add("  " + tryIt());
        return lines;
    }

    private static List<String> lines(LoadedModel model) {
        RunnerDescription runner = model.runner().description();
        return List.of(
                "  model   %s from %s, %s of weights, up to %d tokens"
                        .formatted(
                                model.name(),
                                model.artifact().location(),
                                ByteText.of(runner.weightBytes()),
                                model.backend().description().maxModelLength()),
                "  engine  %s (%s): %s"
                        .formatted(runner.engine(), model.engineReason(), runner.report()),
                "  cache   %s of keys and values (%s)"
                        .formatted(ByteText.of(runner.cacheBytes()), model.budget().why()),
                "  parsers " + model.style().description());
    }

    private String tryIt() {
        ServedModel first = models.inference().models().getFirst();
        String name = first.name().replace("'", "'\\''");
        return switch (first.kind()) {
            case EMBEDDING ->
                    curl("/v1/embeddings", "{\"model\": \"%s\", \"input\": \"Hello\"}", name);
            case SCORE ->
                    curl(
                            "/rerank",
                            "{\"model\": \"%s\", \"query\": \"Hello\", \"documents\": [\"Hi\", \"Bye\"]}",
                            name);
            case GENERATION ->
                    models.inference()
                                    .codec(first.name())
                                    .flatMap(codec -> codec.chatTemplate())
                                    .isPresent()
                            ? curl(
                                    "/v1/chat/completions",
                                    "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}], \"max_tokens\": 64}",
                                    name)
                            : curl(
                                    "/v1/completions",
                                    "{\"model\": \"%s\", \"prompt\": \"Hello\", \"max_tokens\": 64}",
                                    name);
        };
    }

    private String curl(String path, String body, String model) {
        return "curl %s%s%s%s -H 'Content-Type: application/json' -d '%s'"
                .formatted(certificate(), url, path, key(), body.formatted(model));
    }

    /** Keys are secrets, also on the terminal of who started the server. */
    private String key() {
        return options.apiKeys().isEmpty() ? "" : " -H \"Authorization: Bearer $YOUR_API_KEY\"";
    }

    /** The server's own certificate is trusted, whoever signed it. */
    private String certificate() {
        return options.tls().map(files -> "--cacert " + files.certificates() + " ").orElse("");
    }
}
