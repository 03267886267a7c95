package dev.cairn.core.fleet.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Second attempts are a share of the requests. */
class BudgetTest {

    @Test
    void aFleetInTroubleIsNotAskedTwiceAsMuch() {
        Budget budget = new Budget(0.2, 10);
        int again = 0;
        for (int request = 0; request < 1_000; request++) {
            budget.earned();
            again += budget.spent() ? 1 : 0;
        }
        assertThat(again).isBetween(200, 210);
    }

    @Test
    void whatIsNotUsedIsSavedUpToABound() {
        Budget budget = new Budget(0.1, 5);
        for (int request = 0; request < 1_000; request++) {
            budget.earned();
        }
        for (int i = 0; i < 5; i++) {
            assertThat(budget.spent()).isTrue();
        }
        assertThat(budget.spent()).isFalse();
        for (int request = 0; request < 10; request++) {
            assertThat(budget.spent()).isFalse();
            budget.earned();
        }
        assertThat(budget.spent()).isTrue();
    }

    @Test
    void aShareIsAShare() {
        assertThatThrownBy(() -> new Budget(1.5, 1)).hasMessageContaining("1.5");
    }
}
