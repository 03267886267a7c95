package dev.cairn.ports.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdapterChoiceTest {

    private static final List<String> TENANTS = List.of("", "ab12", "ab12:cd34", ":cd34");

    @Test
    void everyTenantAndAdapterHasASaltOfItsOwnThatBeginsWithTheAccount() {
        Set<String> salts = new HashSet<>();
        for (String tenant : TENANTS) {
            for (String digest : List.of("", "00ff", "00fe")) {
                AdapterChoice adapter =
                        digest.isEmpty()
                                ? AdapterChoice.NONE
                                : new AdapterChoice("any name", digest);
                String salt =
                        GenerationRequest.greedy("id", "model", new int[] {1}, 1, 0)
                                .with(adapter)
                                .cacheSalt();
                String bound = adapter.bind(tenant);
                assertThat(salts.add(bound)).isTrue();
                assertThat(AdapterChoice.digestIn(bound)).isEqualTo(digest);
                assertThat(account(bound)).isEqualTo(account(tenant));
                assertThat(salt).isEqualTo(adapter.bind(""));
            }
        }
    }

    @Test
    void theTenantIsFoundAgain() {
        for (String tenant : List.of("", "ab12", "ab12:cd34")) {
            assertThat(AdapterChoice.tenantIn(new AdapterChoice("n", "00").bind(tenant)))
                    .isEqualTo(tenant);
            assertThat(AdapterChoice.tenantIn(tenant)).isEqualTo(tenant);
        }
    }

    @Test
    void aNameWithoutContentOrADigestThatIsNoneIsRefused() {
        assertThatThrownBy(() -> new AdapterChoice("name", ""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new AdapterChoice("name", "/lora/ff"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String account(String salt) {
        int colon = salt.indexOf(':');
        return colon < 0 ? salt : salt.substring(0, colon);
    }
}
