package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.fleet.Membership.MembershipListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a fleet relies on in a {@link Membership} that joins members. */
public abstract class FleetMembershipContract extends MembershipContract {

    /** Another member of the same fleet, as itself sees it. */
    protected abstract Membership other();

    /** A further member, which the test closes. */
    protected abstract Membership join();

    @Test
    protected void everybodySeesEverybody() {
        membership().update(described(membership(), "one", false));
        other().update(described(other(), "two", false));
        Patience.until(
                "both see both",
                () ->
                        membership().members().contains(other().self())
                                && other().members().contains(membership().self()));
    }

    @Test
    protected void whoDrainsIsSeenToDrain() {
        other().update(described(other(), "serves", false));
        Patience.until("it is seen", () -> membership().members().contains(other().self()));
        Heard heard = new Heard();
        membership().listen(heard);

        Member draining = described(other(), "serves", true);
        other().update(draining);

        Patience.until("it is heard", () -> heard.changed.contains(draining));
        assertThat(membership().members()).contains(draining);
        other().update(described(other(), "serves", false));
    }

    @Test
    protected void whoComesAndGoesIsHeardOf() {
        Heard heard = new Heard();
        membership().listen(heard);
        Membership guest = join();
        Member seen = described(guest, "guest", false);
        guest.update(seen);
        Patience.until("it has joined", () -> heard.joined.contains(seen));
        assertThat(membership().members()).contains(seen);

        guest.close();

        Patience.until("it has left", () -> heard.left.contains(seen));
        assertThat(membership().members()).doesNotContain(seen);
        assertThat(heard.joined).containsOnlyOnce(seen);
        assertThat(heard.left).containsOnlyOnce(seen);
        assertThat(heard.mostAtOnce).hasValue(1);
    }

    /** Whom nobody knows by address or model is not shown. */
    @Test
    protected void whoHasNotDescribedItselfIsNotSeen() {
        Membership guest = join();
        guest.update(described(guest, "first-words", false));
        Patience.until("it is seen", () -> membership().members().contains(guest.self()));
        assertThat(membership().members())
                .allSatisfy(member -> assertThat(member.httpAddress()).isNotBlank());
        guest.close();
    }

    private static final class Heard implements MembershipListener {

        private final List<Member> joined = new CopyOnWriteArrayList<>();
        private final List<Member> changed = new CopyOnWriteArrayList<>();
        private final List<Member> left = new CopyOnWriteArrayList<>();
        private final AtomicInteger atOnce = new AtomicInteger();
        private final AtomicInteger mostAtOnce = new AtomicInteger();

        @Override
        public void joined(Member member) {
            note(joined, member);
        }

        @Override
        public void changed(Member member) {
            note(changed, member);
        }

        @Override
        public void left(Member member) {
            note(left, member);
        }

        private void note(List<Member> list, Member member) {
            int now = atOnce.incrementAndGet();
            mostAtOnce.accumulateAndGet(now, Math::max);
            list.add(member);
            atOnce.decrementAndGet();
        }
    }
}
