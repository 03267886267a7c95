package dev.cairn.ports.engine;

import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import java.util.List;

/** Makes runners of one engine. Threads: any, at start. */
public interface ModelRunnerFactory {

    /** The name that {@code cairn.engine} takes: {@code "cpu"}, {@code "cuda"}. */
    String name();

    /** Whether the engine works on this machine. Never throws: a missing library is an answer. */
    EngineAvailability availability();

    /**
     * Measures what the engine's device does at best, so that the engine can be held against it: a
     * plain copy kernel ({@code copy-kernel}, bytes read and written), the link both ways by large
     * copies ({@code link-in}, {@code link-out}) and out by copies of a block ({@code blocks-out}),
     * a product of square matrices in bfloat16 ({@code square-product}), and of each shape and
     * number of rows the product by the algorithm that serves every batch ({@code
     * fixed-OUTPUTSxCOLUMNS@ROWS}) and by the fastest ({@code fastest-...}). Waits.
     *
     * @return nothing for an engine that computes where this program runs
     * @throws ModelException if the device cannot be had
     */
    default List<DeviceProbe.Rate> deviceRates(DeviceProbe probe) {
        return List.of();
    }

    /**
     * Loads a model. Waits until the weights are in place.
     *
     * @throws ModelException if the engine cannot run this model (unserved type, too little
     *     memory): says what would fit
     */
    ModelRunner create(ModelArtifact model, RunnerOptions options);

    /**
     * {@link #create(ModelArtifact, RunnerOptions)}, told of as it goes on.
     *
     * @param progress hears of it until the call returns
     */
    default ModelRunner create(ModelArtifact model, RunnerOptions options, LoadProgress progress) {
        return create(model, options);
    }
}
