package dev.cairn.core.fleet.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.fleet.health.Outliers.Judged;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is sent off the field, and for how long. */
class OutliersTest {

    private static final long SECOND = 1_000_000_000L;

    private final Outliers outliers = new Outliers();
    private final List<Judged> workers = new ArrayList<>();

    OutliersTest() {
        for (int i = 0; i < 4; i++) {
            var health = new WorkerHealth(HealthOptions.USUAL, 0);
            health.probeSucceeded(0);
            workers.add(new Judged(health, new Outliers.Record()));
        }
        outliers.judge(workers, 0);
    }

    @Test
    void theOddOneIsAwayForAWhileAndLongerTheNextTime() {
        answers(0, 30, 15);
        answers(1, 30, 1);
        outliers.judge(workers, 10 * SECOND);
        assertThat(away(10)).containsExactly(0);
        assertThat(away(15)).isEmpty();
        answers(0, 30, 30);
        answers(1, 30, 0);
        outliers.judge(workers, 20 * SECOND);
        assertThat(away(29)).containsExactly(0);
        assertThat(away(30)).isEmpty();
    }

    @Test
    void whereAllFailNobodyIsOdd() {
        for (int i = 0; i < 4; i++) {
            answers(i, 30, 20);
        }
        outliers.judge(workers, 10 * SECOND);
        assertThat(away(10)).isEmpty();
    }

    @Test
    void neverMoreThanHalfAreAway() {
        for (int i = 0; i < 3; i++) {
            answers(i, 20, 20);
        }
        answers(3, 10_000, 0);
        outliers.judge(workers, 10 * SECOND);
        assertThat(away(10)).hasSize(2);
    }

    @Test
    void fewAnswersSayNothing() {
        answers(0, 19, 19);
        answers(1, 100, 0);
        outliers.judge(workers, 10 * SECOND);
        assertThat(away(10)).isEmpty();
    }

    private void answers(int worker, int answers, int failures) {
        for (int i = 0; i < answers; i++) {
            workers.get(worker).record().counted(i < failures);
        }
    }

    private List<Integer> away(long second) {
        List<Integer> away = new ArrayList<>();
        for (int i = 0; i < workers.size(); i++) {
            if (workers.get(i).health().isEjected(second * SECOND)) {
                away.add(i);
            }
        }
        return away;
    }
}
