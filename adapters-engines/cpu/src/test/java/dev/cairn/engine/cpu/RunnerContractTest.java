package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.RandomModel.Family;
import dev.cairn.engine.cpu.kernel.KernelPreference;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.WeightType;
import dev.cairn.tck.ModelRunnerContract;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Nested;

/** The contract that every runner passes, plugins included. */
class RunnerContractTest {

    @Nested
    class Llama extends ModelRunnerContract {

        @Override
        protected ModelRunner open() {
            return runner(Family.LLAMA, WeightType.Q8_0, KvType.BFLOAT16, KernelPreference.AUTO);
        }
    }

    @Nested
    class GemmaInPlainJava extends ModelRunnerContract {

        @Override
        protected ModelRunner open() {
            return runner(
                    Family.GEMMA3_LOCAL_GLOBAL,
                    WeightType.BFLOAT16,
                    KvType.INT8,
                    KernelPreference.PLAIN);
        }
    }

    @Nested
    class Mixtral extends ModelRunnerContract {

        @Override
        protected ModelRunner open() {
            return runner(
                    Family.MIXTRAL, WeightType.FLOAT32, KvType.FLOAT32, KernelPreference.AUTO);
        }
    }

    private static ModelRunner runner(
            Family family, WeightType weights, KvType kvType, KernelPreference kernels) {
        RandomModel model = RandomModel.of(family, weights, new Random(11));
        return new CpuRunnerFactory(new CpuSettings(2, kernels, true))
                .create(model, RunnerHarness.options(Optional.empty(), kvType));
    }
}
