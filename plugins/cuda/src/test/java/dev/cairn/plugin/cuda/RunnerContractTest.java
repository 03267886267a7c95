package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.DeviceRunnerAssembly;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.WeightType;
import dev.cairn.tck.ModelRunnerContract;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/** The contract that every runner passes, with streams that wait at random. */
class RunnerContractTest {

    @Nested
    class LlamaInBfloat16 extends ModelRunnerContract {

        @Override
        protected ModelRunner open() {
            return runner(new TestModel(WeightType.BFLOAT16, false), KvType.BFLOAT16);
        }
    }

    @Nested
    class EverythingInFloat32 extends ModelRunnerContract {

        @Override
        protected ModelRunner open() {
            return runner(new TestModel(WeightType.FLOAT32, true), KvType.FLOAT32);
        }
    }

    @Nested
    class EverythingQuantised extends ModelRunnerContract {

        @Override
        protected ModelRunner open() {
            return runner(new TestModel(WeightType.Q8_0, true), KvType.BFLOAT16);
        }
    }

    static RunnerOptions options(KvType kvType) {
        return new RunnerOptions(Optional.empty(), Optional.of(kvType), 16, 4 << 20, 512, 128, 16);
    }

    private static ModelRunner runner(TestModel model, KvType kvType) {
        long seed = System.nanoTime();
        System.out.println("streams wait at random, seed " + seed);
        StandIn standIn = StandIn.fresh().with("delay", StandIn.RANDOM_DELAY).with("seed", seed);
        return new DeviceRunnerAssembly(
                        "cuda",
                        () -> CudaDevice.open(standIn.libraries(), StandIn.settings()),
                        model,
                        options(kvType))
                .assemble();
    }
}
