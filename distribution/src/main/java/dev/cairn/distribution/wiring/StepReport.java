package dev.cairn.distribution.wiring;

import dev.cairn.core.schedule.StepListener;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Writes every step of an engine to the log, where configuration wants that. */
@Singleton
final class StepReport {

    private static final System.Logger LOG = System.getLogger("dev.cairn.steps");

    private final boolean wanted;

    @Inject
    StepReport(Configuration configuration) {
        wanted = configuration.flag(ProgramSettings.STEP_LOG).orElse(false);
    }

    StepListener listener(String model) {
        if (!wanted) {
            return StepListener.NONE;
        }
        return step ->
                LOG.log(
                        System.Logger.Level.INFO,
                        "model=%s step=%d sequences=%d prefill_tokens=%d decode_tokens=%d waiting=%d ms=%.3f compute_ms=%.3f"
                                .formatted(
                                        model,
                                        step.step(),
                                        step.sequences(),
                                        step.prefillTokens(),
                                        step.decodeTokens(),
                                        step.waiting(),
                                        step.nanos() / 1e6,
                                        step.computeNanos() / 1e6));
    }
}
