package dev.cairn.storage.slots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TenantQuotasTest {

    @Test
    void aTenantIsNamedByHowItsDigestBegins() {
        Map<String, Long> quotas = TenantQuotas.read(List.of("1f3a9c02=512MiB", "abcdef0123=7"));
        assertThat(TenantQuotas.of(quotas, "1f3a9c02ffff", 1)).isEqualTo(512L << 20);
        assertThat(TenantQuotas.of(quotas, "abcdef0123", 1)).isEqualTo(7);
        assertThat(TenantQuotas.of(quotas, "1f3a9c03ffff", 1)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1f3a9c0=1GiB",
                "zzzzzzzz=1GiB",
                "1f3a9c02",
                "1f3a9c02=",
                "1f3a9c02=-1",
                "1f3a9c02=99999999999999tib"
            })
    void whatIsNoQuotaIsRefused(String entry) {
        assertThatThrownBy(() -> TenantQuotas.read(List.of(entry)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noTenantHasTwo() {
        assertThatThrownBy(() -> TenantQuotas.read(List.of("1f3a9c02=1GiB", "1f3a9c0255=2GiB")))
                .hasMessageContaining("name it once");
    }

    @Test
    void togetherTheyFitInTheTier() {
        Map<String, Long> quotas = TenantQuotas.read(List.of("1f3a9c02=600", "abcdef01=500"));
        TenantQuotas.checkFit(quotas, 1100);
        assertThatThrownBy(() -> TenantQuotas.checkFit(quotas, 1099))
                .hasMessageContaining("1099 bytes");
    }
}
