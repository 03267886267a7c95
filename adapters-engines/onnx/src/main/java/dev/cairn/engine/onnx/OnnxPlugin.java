package dev.cairn.engine.onnx;

import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.engine.ScoreRunner;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import java.util.List;

/** Offers embedding models and cross-encoders by ONNX Runtime. */
public final class OnnxPlugin implements CairnPlugin {

    static final String THREADS = "cairn.engine.onnx.threads";
    static final String QUEUE = "cairn.engine.onnx.queue";

    @Override
    public String name() {
        return "onnx";
    }

    @Override
    public List<SettingDescription> settings() {
        return List.of(
                SettingDescription.of(
                        THREADS,
                        SettingDescription.Type.INTEGER,
                        "1",
                        "Threads that one embedding model or cross-encoder computes with"),
                SettingDescription.of(
                        QUEUE,
                        SettingDescription.Type.INTEGER,
                        "256",
                        "Requests that may wait for one of them before more are turned away"));
    }

    @Override
    public List<EmbeddingRunner.Factory> embeddingRunners(PluginContext context) {
        return List.of(new OnnxEmbeddingFactory(threads(context), queue(context)));
    }

    @Override
    public List<ScoreRunner.Factory> scoreRunners(PluginContext context) {
        return List.of(new OnnxScoreFactory(threads(context), queue(context)));
    }

    private static int threads(PluginContext context) {
        return Math.toIntExact(context.settings().integer(THREADS).orElse(1));
    }

    private static int queue(PluginContext context) {
        return Math.toIntExact(context.settings().integer(QUEUE).orElse(256));
    }
}
