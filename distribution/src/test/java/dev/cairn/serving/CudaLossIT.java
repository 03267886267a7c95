package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A device that is lost while it serves: requests end with an error, and the process says so. */
class CudaLossIT {

    private static final int[] PROMPT = {20, 21, 22, 23};

    @AfterEach
    void whole() throws Exception {
        CudaStandIn.reset();
    }

    @Test
    void requestsEndAndTheProcessIsUnready() throws Exception {
        Oracle oracle = Oracle.read("qwen3-qknorm");
        LocalCairn.Engine engine = new LocalCairn.Engine("cuda", CudaStandIn.settings());
        try (LocalCairn cairn =
                LocalCairn.open(oracle.model(), LocalCairn.exact(128, 32), engine)) {
            assertThat(Collected.start(cairn.inference(), Calls.greedy(PROMPT, 2)).join().ids())
                    .hasSize(2);
            assertThat(cairn.inference().unreadyBecause()).isEmpty();
            CudaStandIn.wish("lose-device", 30);
            assertThatThrownBy(
                            () ->
                                    Collected.start(cairn.inference(), Calls.greedy(PROMPT, 20))
                                            .join())
                    .hasMessageContaining("the CUDA device was lost");
            assertThat(cairn.inference().unreadyBecause())
                    .get()
                    .asString()
                    .contains("restart this process");
        }
    }
}
