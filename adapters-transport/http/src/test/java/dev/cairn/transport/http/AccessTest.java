package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccessTest {

    private static final Access KEYS = new Access(keys("one", "two"), Optional.of("root"));

    @Test
    void withoutKeysEverybodyIsNobody() {
        assertThat(new Access(keys(), Optional.empty()).tenant(Optional.empty())).isEmpty();
    }

    @Test
    void everyKeyIsATenantOfItsOwnAndNeverTheKey() {
        String one = KEYS.tenant(Optional.of("Bearer one"));
        assertThat(one).hasSize(64).doesNotContain("one");
        assertThat(KEYS.tenant(Optional.of("bearer one"))).isEqualTo(one);
        assertThat(KEYS.tenant(Optional.of("Bearer two"))).isNotEqualTo(one);
        assertThat(KEYS.tenant(Optional.of("Bearer root"))).isNotEqualTo(one);
    }

    @Test
    void weightsBelongToTheTenantsOfTheirKeys() {
        assertThat(HttpSettings.tenantWeights(List.of("one", "two"), List.of("2", "0.5")))
                .containsOnly(
                        Map.entry(KEYS.tenant(Optional.of("Bearer one")), 2.0),
                        Map.entry(KEYS.tenant(Optional.of("Bearer two")), 0.5));
        assertThat(HttpSettings.tenantWeights(List.of("one"), List.of())).isEmpty();
        assertThatThrownBy(() -> HttpSettings.tenantWeights(List.of("one"), List.of("1", "2")))
                .hasMessageContaining("2 weights for 1 keys");
        for (String wrong : List.of("0", "-1", "NaN", "much")) {
            assertThatThrownBy(() -> HttpSettings.tenantWeights(List.of("one"), List.of(wrong)))
                    .hasMessageContaining(wrong);
        }
    }

    @Test
    void wrongAndMissingKeysAreRefused() {
        for (var header :
                List.of(
                        Optional.<String>empty(),
                        Optional.of("Bearer "),
                        Optional.of("Basic one"),
                        Optional.of("Bearer on"),
                        Optional.of("Bearer one two"))) {
            var refused = catchThrowableOfType(RequestRefused.class, () -> KEYS.tenant(header));
            assertThat(refused.problem().category()).isEqualTo(Category.UNAUTHENTICATED);
        }
    }

    @Test
    void administrationAsksForItsKeyOrLoopback() {
        var open = new Access(keys("one"), Optional.empty());
        assertThatCode(() -> open.demandAdministrator(Optional.of("Bearer one"), true))
                .doesNotThrowAnyException();
        assertThatCode(
                        () ->
                                new Access(keys(), Optional.empty())
                                        .demandAdministrator(Optional.empty(), true))
                .doesNotThrowAnyException();
        assertThat(
                        catchThrowableOfType(
                                        RequestRefused.class,
                                        () -> open.demandAdministrator(Optional.empty(), true))
                                .problem()
                                .category())
                .isEqualTo(Category.UNAUTHENTICATED);
        assertThat(
                        catchThrowableOfType(
                                        RequestRefused.class,
                                        () ->
                                                open.demandAdministrator(
                                                        Optional.of("Bearer one"), false))
                                .problem()
                                .category())
                .isEqualTo(Category.FORBIDDEN);
        assertThatCode(() -> KEYS.demandAdministrator(Optional.of("Bearer root"), false))
                .doesNotThrowAnyException();
        assertThat(
                        catchThrowableOfType(
                                        RequestRefused.class,
                                        () ->
                                                KEYS.demandAdministrator(
                                                        Optional.of("Bearer one"), true))
                                .problem()
                                .category())
                .isEqualTo(Category.UNAUTHENTICATED);
    }

    private static ApiKeys keys(String... keys) {
        return new ApiKeys(List.of(keys), Optional.empty());
    }
}
