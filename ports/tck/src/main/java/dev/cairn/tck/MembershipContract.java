package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.fleet.Role;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What everybody relies on in a {@link Membership}, also where nobody else is there. */
public abstract class MembershipContract {

    /** The membership under test, of one member for all tests or of a new one for each. */
    protected abstract Membership membership();

    @Test
    protected void aMemberIsAmongTheMembers() {
        assertThat(membership().members()).contains(membership().self());
        assertThat(membership().self().id()).isNotBlank();
    }

    @Test
    protected void anUpdateIsSeenAtOnceByWhoMadeIt() {
        String id = membership().self().id();
        Member changed = described(membership(), "seen-at-once", false);
        membership().update(changed);
        assertThat(membership().self()).isEqualTo(changed);
        assertThat(membership().members()).contains(changed);
        assertThat(membership().self().id()).isEqualTo(id);
    }

    @Test
    protected void aMemberCannotBecomeAnother() {
        Member self = membership().self();
        Member other =
                new Member(
                        self.id() + "x",
                        self.role(),
                        self.httpAddress(),
                        self.transferAddresses(),
                        self.models(),
                        self.draining(),
                        self.properties());
        assertThatThrownBy(() -> membership().update(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(self.id());
        assertThat(membership().self()).isEqualTo(self);
    }

    /** Facts with which a member describes itself. */
    protected static Member described(Membership membership, String model, boolean draining) {
        return new Member(
                membership.self().id(),
                Role.DECODE,
                "127.0.0.1:8000",
                Map.of("tcp", "127.0.0.1:9000", "shm", "/dev/shm/one"),
                Set.of(model, "other"),
                draining,
                Map.of("weights", "2 GiB", "text", "zwölf Blöcke"));
    }
}
