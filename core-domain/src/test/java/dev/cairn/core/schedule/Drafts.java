package dev.cairn.core.schedule;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.core.testing.ToyRunner;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/** Draft models: the toy itself, ten times as fast, which may err and fail. */
final class Drafts {

    private static final int VOCABULARY = 300;

    private Drafts() {}

    /** One that thinks like the model, with few blocks or many, which errs more or less often. */
    static SpeculationSettings any(Random random, VirtualDriver driver, int window) {
        ToyRunner draft =
                ToyRunner.over(driver)
                        .fullAttention(1 + random.nextInt(8), 20 + random.nextInt(200))
                        .window(window, 1 + random.nextInt(8), 100 + random.nextInt(400))
                        .perStep(
                                1 + random.nextInt(40),
                                1 + random.nextInt(10),
                                1 + random.nextInt(20))
                        .build()
                        .swift(10);
        double wrong = random.nextInt(3) == 0 ? 0 : random.nextDouble() / 2;
        draft.distort(erring(new Random(random.nextLong()), wrong));
        if (random.nextInt(8) == 0) {
            int last = random.nextInt(40);
            draft.failSteps(step -> step == last);
        }
        return SpeculationSettings.draft(draft, 1 + random.nextInt(8));
    }

    /** Says anything else in so many cases. */
    static UnaryOperator<StepResult> erring(Random random, double wrong) {
        Integer[] all = new Integer[VOCABULARY];
        Arrays.setAll(all, id -> id);
        return erring(random, wrong, all);
    }

    /** Says one of these instead in so many cases. */
    static UnaryOperator<StepResult> erring(Random random, double wrong, Integer[] ids) {
        return result -> {
            List<TokenChoice> rows = new ArrayList<>();
            for (TokenChoice row : result.rows()) {
                boolean errs = random.nextDouble() < wrong;
                rows.add(errs ? other(row, ids[random.nextInt(ids.length)]) : row);
            }
            return new StepResult(rows, result.computeNanos());
        };
    }

    private static TokenChoice other(TokenChoice row, int token) {
        return new TokenChoice(
                token, row.logprob(), row.rank(), row.topIds(), row.topLogprobs(), row.logits());
    }
}
