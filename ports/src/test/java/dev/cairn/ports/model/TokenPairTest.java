package dev.cairn.ports.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenPairTest {

    /** {@code [1] a.. [2] b.. [2]}, the second segment being of type 1. */
    private static TokenPair pair(int first, int second) {
        int length = first + second + 3;
        TokenPair pair = new TokenPair(new int[length], new int[length], new int[length]);
        int at = 0;
        put(pair, at++, 1, 0, -1);
        for (int i = 0; i < first; i++) {
            put(pair, at++, 100 + i, 0, 0);
        }
        put(pair, at++, 2, 0, -1);
        for (int i = 0; i < second; i++) {
            put(pair, at++, 200 + i, 1, 1);
        }
        put(pair, at, 2, 1, -1);
        return pair;
    }

    private static void put(TokenPair pair, int at, int id, int type, int text) {
        pair.ids()[at] = id;
        pair.types()[at] = type;
        pair.texts()[at] = text;
    }

    @Test
    void theLongerTextIsCutFirst() {
        TokenPair cut = pair(2, 6).truncated(8);
        assertThat(cut.ids()).containsExactly(1, 100, 101, 2, 200, 201, 202, 2);
        assertThat(cut.types()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1);
        assertThat(cut.texts()).containsExactly(-1, 0, 0, -1, 1, 1, 1, -1);
        assertThat(pair(6, 2).truncated(8).ids()).containsExactly(1, 100, 101, 102, 2, 200, 201, 2);
    }

    @Test
    void bothAreCutToTheSameLength() {
        assertThat(pair(6, 7).truncated(7).ids()).containsExactly(1, 100, 101, 2, 200, 201, 2);
        assertThat(pair(6, 7).truncated(8).length()).isEqualTo(8);
    }

    @Test
    void whatFitsStays() {
        TokenPair pair = pair(2, 3);
        assertThat(pair.truncated(8)).isSameAs(pair);
        assertThat(pair.truncated(3)).as("no room but for its own tokens").isSameAs(pair);
    }
}
