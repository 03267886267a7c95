package dev.cairn.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.request.Booked;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a worker tells each router of the others. */
class LedgerTest {

    private final Ledger ledger = new Ledger();

    @Test
    void everyRouterHearsOfTheOthersAlone() {
        ledger.enter(new Booked("one", 4, 30, 0), 30);
        Ledger.Entry entry = ledger.enter(new Booked("two", 2, 0, 9), 9);
        assertThat(ledger.others("one")).isEqualTo(new LoadReport(0, 1, 2, 0, 9));
        assertThat(ledger.others("two")).isEqualTo(new LoadReport(0, 1, 4, 0, 30));
        assertThat(ledger.others("three")).isEqualTo(new LoadReport(0, 2, 6, 0, 39));
        entry.read();
        entry.read();
        assertThat(ledger.others("one")).isEqualTo(new LoadReport(1, 0, 2, 0, 0));
        entry.end();
        entry.end();
        assertThat(ledger.others("one")).isEqualTo(LoadReport.NONE);
    }

    @Test
    void whatNobodyBookedIsNotTold() {
        ledger.enter(Booked.NOTHING, 0);
        assertThat(ledger.others("")).isEqualTo(LoadReport.NONE);
        assertThat(ledger.others("one")).isEqualTo(LoadReport.NONE);
    }

    @Test
    void everyRouterHearsItsPlaceAmongThoseThatSentSomethingLately() {
        assertThat(ledger.toldTo("two")).isEqualTo(OtherRouters.NONE);
        ledger.enter(new Booked("two", 4, 30, 0), 30).end();
        assertThat(ledger.toldTo("two")).isEqualTo(OtherRouters.NONE);
        ledger.enter(new Booked("one", 4, 30, 0), 30).end();
        assertThat(ledger.toldTo("one")).isEqualTo(new OtherRouters(LoadReport.NONE, 0, 2));
        assertThat(ledger.toldTo("two")).isEqualTo(new OtherRouters(LoadReport.NONE, 1, 2));
        assertThat(ledger.toldTo("three")).isEqualTo(new OtherRouters(LoadReport.NONE, 1, 3));
        for (int i = 0; i < 64; i++) {
            ledger.enter(new Booked("two", 4, 30, 0), 30).end();
        }
        assertThat(ledger.toldTo("two")).as("the other one is gone").isEqualTo(OtherRouters.NONE);
        assertThat(ledger.toldTo("one")).isEqualTo(new OtherRouters(LoadReport.NONE, 0, 2));
    }

    @Test
    void nothingIsLeftOverInWhateverOrderRequestsEnd() {
        long seed = System.nanoTime();
        System.out.println("LedgerTest: seed " + seed);
        Random random = new Random(seed);
        List<Ledger.Entry> open = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            if (open.isEmpty() || random.nextInt(5) < 3) {
                int tokens = random.nextInt(100);
                open.add(
                        ledger.enter(
                                new Booked("router " + random.nextInt(3), i % 7, tokens, 0),
                                tokens));
            } else {
                Ledger.Entry entry = open.get(random.nextInt(open.size()));
                if (random.nextBoolean()) {
                    entry.read();
                } else {
                    entry.end();
                }
            }
        }
        assertThat(ledger.others("nobody")).isNotEqualTo(LoadReport.NONE);
        open.forEach(Ledger.Entry::end);
        assertThat(ledger.others("nobody")).isEqualTo(LoadReport.NONE);
    }
}
