package dev.cairn.engine.models;

import dev.cairn.ports.model.ModelFormat;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import java.util.List;

/** Offers the model formats of the default build. */
public final class ModelsPlugin implements CairnPlugin {

    @Override
    public String name() {
        return "models";
    }

    @Override
    public List<ModelFormat> modelFormats(PluginContext context) {
        return formats();
    }

    /** All formats, for callers without a plugin context. */
    public static List<ModelFormat> formats() {
        return List.of(new DummyFormat(), new GgufFormat(), new HuggingFaceFormat());
    }
}
