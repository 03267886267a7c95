package dev.cairn.core.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.ports.request.AccountRules;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.StopCause;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AccountsTest {

    private static final OptionalInt ANY_REQUESTS = OptionalInt.empty();
    private static final OptionalLong ANY_TOKENS = OptionalLong.empty();

    private final World world = new World();

    @Test
    void whoHasNoRulesMayDoEverything() {
        rules("ann", rules(OptionalInt.of(1), ANY_TOKENS, ANY_TOKENS));
        for (int i = 0; i < 100; i++) {
            world.asked(new Call().tenant("bob"));
        }
        assertThat(world.asked(new Call().tenant("bob").priority(-3)).priority()).isEqualTo(-3);
    }

    @Test
    void requestsComeBackEvenlyOverTheMinute() {
        rules("ann", rules(OptionalInt.of(6), ANY_TOKENS, ANY_TOKENS));
        for (int i = 0; i < 6; i++) {
            world.asked(call());
        }
        RequestProblem problem = refused(call());
        assertThat(problem.category()).isEqualTo(Category.OVERLOADED);
        assertThat(problem.code()).isEqualTo("rate_limit_exceeded");
        assertThat(problem.message()).contains("ann").contains("6 requests a minute");
        assertThat(problem.retryAfterMillis()).hasValue(10_000);
        later(Duration.ofMillis(9_999));
        refused(call());
        later(Duration.ofMillis(1));
        world.asked(call());
        refused(call());
    }

    @Test
    void aSaltOfTheCallersOwnIsNoAccountOfItsOwn() {
        rules("ann", rules(OptionalInt.of(1), ANY_TOKENS, ANY_TOKENS));
        world.asked(new Call().tenant("ann:red"));
        refused(new Call().tenant("ann:blue"));
    }

    @Test
    void theAnswersTokensAreChargedWhenItIsOver() {
        rules("ann", rules(ANY_REQUESTS, OptionalLong.of(60), ANY_TOKENS));
        world.asked(call().ids(1, 2, 3));
        world.backend.say(0, 70);
        world.backend.say(0, 70);
        world.backend.endChoice(0, FinishReason.LENGTH, new StopCause.Budget());
        world.backend.end(0);
        world.asked(call().ids(IntStream.range(1, 71).toArray()));
        RequestProblem problem = refused(call());
        // 60 - 3 - 2 - 70 are 15 below nothing, and one a second comes in.
        assertThat(problem.retryAfterMillis()).hasValue(16_000);
        assertThat(problem.message()).contains("60 tokens a minute");
        later(Duration.ofSeconds(16));
        world.asked(call());
    }

    @Test
    void aDaysTokensComeBackAtMidnight() {
        long untilMidnight =
                Duration.ofDays(1).toMillis()
                        - Math.floorMod(world.time.epochMillis(), Duration.ofDays(1).toMillis());
        rules("ann", rules(ANY_REQUESTS, ANY_TOKENS, OptionalLong.of(5)));
        world.asked(call().ids(1, 2, 3, 4, 5));
        RequestProblem problem = refused(call());
        assertThat(problem.code()).isEqualTo("insufficient_quota");
        assertThat(problem.retryAfterMillis()).hasValue(untilMidnight);
        later(Duration.ofMillis(untilMidnight - 1));
        refused(call());
        later(Duration.ofMillis(1));
        world.asked(call());
    }

    @Test
    void newRulesDoNotForgetWhatWasSpent() {
        rules("ann", rules(OptionalInt.of(2), ANY_TOKENS, ANY_TOKENS));
        world.asked(call());
        world.asked(call());
        rules("ann", rules(OptionalInt.of(2), OptionalLong.of(1_000), ANY_TOKENS));
        refused(call());
        world.inference.accounts(Map.of());
        world.asked(call());
    }

    @Test
    void aModelThatIsNotForItDoesNotExistForIt() {
        rules(
                "ann",
                new AccountRules(
                        "ann", Set.of("vectors"), ANY_REQUESTS, ANY_TOKENS, ANY_TOKENS, 0));
        assertThat(refused(call()).code()).isEqualTo("model_not_found");
        assertThat(refused(call().model("")).category()).isEqualTo(Category.NOT_FOUND);
        assertThat(world.inference.mayUse("ann", "toy")).isFalse();
        assertThat(world.inference.mayUse("ann", "vectors")).isTrue();
        assertThat(world.inference.mayUse("bob", "toy")).isTrue();
    }

    @Test
    void aRequestCanOnlyBeLessUrgentThanItsAccount() {
        rules("ann", new AccountRules("ann", Set.of(), ANY_REQUESTS, ANY_TOKENS, ANY_TOKENS, -2));
        assertThat(world.asked(call()).priority()).isEqualTo(-2);
        assertThat(world.asked(call().priority(-9)).priority()).isEqualTo(-2);
        assertThat(world.asked(call().priority(5)).priority()).isEqualTo(3);
        assertThat(world.asked(call().priority(Integer.MAX_VALUE)).priority())
                .isEqualTo(Integer.MAX_VALUE - 2);
    }

    private static Call call() {
        return new Call().tenant("ann");
    }

    private static AccountRules rules(
            OptionalInt requests, OptionalLong tokens, OptionalLong daily) {
        return new AccountRules("ann", Set.of(), requests, tokens, daily, 0);
    }

    private void rules(String tenant, AccountRules rules) {
        world.inference.accounts(Map.of(tenant, rules));
    }

    private RequestProblem refused(Call call) {
        return catchThrowableOfType(RequestRefused.class, () -> world.asked(call)).problem();
    }

    private void later(Duration time) {
        world.time.runUntil(world.time.nanos() + time.toNanos());
    }
}
