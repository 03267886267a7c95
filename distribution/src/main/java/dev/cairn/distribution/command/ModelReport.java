package dev.cairn.distribution.command;

import dev.cairn.distribution.wiring.ByteText;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.TextCodec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is in a model, for {@code cairn models inspect}. */
final class ModelReport {

    private ModelReport() {}

    static List<String> lines(ModelArtifact model) {
        ModelArchitecture architecture = model.architecture();
        TextCodec codec = model.codec();
        List<String> lines = new ArrayList<>();
        lines.add("name           " + model.defaultName());
        lines.add("location       " + model.location());
        lines.add("fingerprint    " + model.fingerprint().hex());
        lines.add("family         " + architecture.family());
        lines.add(
                "shape          %d layers, hidden %d, vocabulary %d, %d positions%s"
                        .formatted(
                                architecture.layers().size(),
                                architecture.hiddenSize(),
                                architecture.vocabularySize(),
                                architecture.maxPositions(),
                                architecture.tiedEmbeddings() ? ", tied embeddings" : ""));
        layerKinds(architecture)
                .forEach(
                        (kind, count) ->
                                lines.add("layers         %d x %s".formatted(count, kind)));
        lines.add(
                "parameters     %s, mostly %s, %s as stored"
                        .formatted(
                                count(ParameterCount.of(architecture)),
                                model.weights().dominantType().label(),
                                ByteText.of(model.weights().storedBytes())));
        lines.add(
                "tokenizer      %d tokens, ends at %s, %s"
                        .formatted(
                                codec.vocabularySize(),
                                codec.endOfSequenceIds(),
                                codec.chatTemplate()
                                        .map(
                                                t ->
                                                        "chat template of %d characters"
                                                                .formatted(t.length()))
                                        .orElse("no chat template")));
        for (KvType type : KvType.values()) {
            lines.add(
                    "KV cache       %s per token in %s"
                            .formatted(
                                    ByteText.of(cacheBytesPerToken(architecture, type)),
                                    type.label()));
        }
        lines.add(
                "memory         about %s for the weights as stored and one sequence of %d tokens in bfloat16"
                        .formatted(
                                ByteText.of(
                                        model.weights().storedBytes()
                                                + architecture.maxPositions()
                                                        * cacheBytesPerToken(
                                                                architecture, KvType.BFLOAT16)),
                                architecture.maxPositions()));
        return lines;
    }

    private static Map<String, Integer> layerKinds(ModelArchitecture architecture) {
        Map<String, Integer> kinds = new LinkedHashMap<>();
        for (LayerArchitecture layer : architecture.layers()) {
            kinds.merge(describe(layer), 1, Integer::sum);
        }
        return kinds;
    }

    private static String describe(LayerArchitecture layer) {
        AttentionArchitecture attention = layer.attention();
        String window =
                attention.window().isPresent()
                        ? "window of " + attention.window().getAsInt()
                        : "full attention";
        String feedForward =
                switch (layer.feedForward()) {
                    case FeedForwardArchitecture.Dense dense ->
                            "feed-forward " + dense.intermediateSize();
                    case FeedForwardArchitecture.Experts experts ->
                            "%d of %d experts of %d"
                                    .formatted(
                                            experts.expertsPerToken(),
                                            experts.experts(),
                                            experts.intermediateSize());
                };
        return "%s, %d heads over %d KV heads of %d, rotary %s, %s"
                .formatted(
                        window,
                        attention.heads(),
                        attention.keyValueHeads(),
                        attention.headSize(),
                        attention.rotary().variant(),
                        feedForward);
    }

    private static long cacheBytesPerToken(ModelArchitecture architecture, KvType type) {
        long bytes = 0;
        for (LayerArchitecture layer : architecture.layers()) {
            AttentionArchitecture attention = layer.attention();
            bytes +=
                    2L
                            * attention.keyValueHeads()
                            * ((long) attention.headSize() * type.elementBytes()
                                    + type.scaleBytes());
        }
        return bytes;
    }

    private static String count(long parameters) {
        if (parameters >= 1_000_000_000) {
            return String.format(Locale.ROOT, "%.2f G", parameters / 1e9);
        }
        return String.format(Locale.ROOT, "%.2f M", parameters / 1e6);
    }
}
