package dev.cairn.distribution.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpellingTest {

    @Test
    void countsInsertionsDeletionsReplacementsAndSwaps() {
        assertThat(Spelling.distance("serve", "serve")).isZero();
        assertThat(Spelling.distance("srve", "serve")).isEqualTo(1);
        assertThat(Spelling.distance("serrve", "serve")).isEqualTo(1);
        assertThat(Spelling.distance("sirve", "serve")).isEqualTo(1);
        assertThat(Spelling.distance("sevre", "serve")).isEqualTo(1);
        assertThat(Spelling.distance("", "abc")).isEqualTo(3);
    }

    @Test
    void findsTheNearestAndNothingThatIsFar() {
        List<String> known = List.of("serve", "chat", "models");

        assertThat(Spelling.nearest("modles", known)).contains("models");
        assertThat(Spelling.nearest("cht", known)).contains("chat");
        assertThat(Spelling.nearest("completely-different", known)).isEmpty();
    }
}
