package dev.cairn.plugin.device;

import dev.cairn.plugin.device.Operations.AttentionRows;
import dev.cairn.plugin.device.Operations.Product;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.model.ModelArchitecture;
import java.util.List;

/**
 * The transformer: token ids in, logits of the wanted rows out. Its work is put on the stream layer
 * by layer, so that a step may stop before a layer whose blocks have not come yet.
 *
 * <p>Threads: the device's owner.
 */
final class ForwardPass {

    private final ModelArchitecture architecture;
    private final Device device;
    private final DeviceStream stream;
    private final Operations operations;
    private final Activations rooms;
    private final StepPlan plan;
    private final List<KvGroup> groups;
    private final long[] pools;
    private final List<LayerPass> layers;
    private final DeviceMatrix embedding;
    private final long outputNorm;
    private final Product output;
    private final StepGraphs graphs;
    private final AttentionRows rows = new AttentionRows();

    /**
     * @param pools device addresses, one per group
     */
    ForwardPass(
            ModelArchitecture architecture,
            Device device,
            DeviceStream stream,
            Operations operations,
            Activations rooms,
            StepPlan plan,
            List<KvGroup> groups,
            long[] pools,
            List<LayerPass> layers,
            DeviceMatrix embedding,
            long outputNorm,
            Product output,
            StepGraphs graphs) {
        this.architecture = architecture;
        this.device = device;
        this.stream = stream;
        this.operations = operations;
        this.rooms = rooms;
        this.plan = plan;
        this.groups = groups;
        this.pools = pools;
        this.layers = layers;
        this.embedding = embedding;
        this.outputNorm = outputNorm;
        this.output = output;
        this.graphs = graphs;
    }

    int layers() {
        return layers.size();
    }

    /**
     * Puts a step on the stream: its beginning, or the whole of it as a graph.
     *
     * @param waits whether it may have to stop before some layer
     * @return whether layers and end are still to be given
     */
    boolean begin(StepBatch batch, boolean waits) {
        copyBlocks(batch);
        StepGraphs.Bucket bucket = waits ? null : graphs.bucket(batch);
        if (bucket == null) {
            plan.lay(batch);
            plan.send(device, stream);
            embed();
            return true;
        }
        plan.layIn(bucket, batch);
        plan.send(device, stream);
        graphs.run(bucket, plan.layout(), this::whole);
        return false;
    }

    private void whole() {
        embed();
        for (int layer = 0; layer < layers.size(); layer++) {
            layer(layer);
        }
        end();
    }

    private void copyBlocks(StepBatch batch) {
        for (int i = 0; i < batch.copies().size(); i++) {
            StepBatch.BlockCopy copy = batch.copies().get(i);
            long bytes = groups.get(copy.group()).blockBytes();
            long pool = pools[copy.group()];
            device.copy(pool + copy.to() * bytes, pool + copy.from() * bytes, bytes, stream);
        }
    }

    private void embed() {
        operations.embed(
                plan.tokens(),
                embedding,
                architecture.embeddingScale(),
                rooms.residual(),
                plan.rows());
    }

    void layer(int index) {
        layers.get(index)
                .run(
                        operations,
                        rooms,
                        plan,
                        rows,
                        index > 0,
                        index > 0 ? layers.get(index - 1).postFeedForwardNorm() : 0,
                        architecture.hiddenSize(),
                        architecture.normEpsilon());
    }

    /** Final norm and output matrix, for the wanted rows alone. */
    void end() {
        if (plan.wantedRows() == 0) {
            return;
        }
        int hidden = architecture.hiddenSize();
        operations.addNorm(
                rooms.residual(),
                rooms.branch(),
                layers.getLast().postFeedForwardNorm(),
                0,
                architecture.normEpsilon(),
                0,
                0,
                output.operand(),
                hidden,
                plan.rows());
        operations.addNorm(
                rooms.residual(),
                0,
                0,
                outputNorm,
                architecture.normEpsilon(),
                plan.wanted(),
                rooms.operand(),
                output.operand(),
                hidden,
                plan.wantedRows());
        output.run(rooms.operand(), rooms.logits(), plan.wantedRows());
        if (architecture.finalLogitSoftcap().isPresent()) {
            operations.softcap(
                    rooms.logits(),
                    (float) architecture.finalLogitSoftcap().getAsDouble(),
                    architecture.vocabularySize(),
                    plan.wantedRows());
        }
    }
}
