package dev.cairn.plugin.cuda;

import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.WeightType;
import dev.cairn.tck.ModelRunnerContract;
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

    private static ModelRunner runner(TestModel model, KvType kvType) {
        long seed = System.nanoTime();
        System.out.println("streams wait at random, seed " + seed);
        StandIn standIn = StandIn.fresh().with("delay", StandIn.RANDOM_DELAY).with("seed", seed);
        return Runners.open(standIn, model, kvType);
    }
}
