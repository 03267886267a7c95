package dev.cairn.distribution.fleet;

import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import java.util.List;

/** Nobody but this process. Threads: any. */
public final class LoneMember implements Membership {

    private volatile Member self;

    public LoneMember(Member self) {
        this.self = self;
    }

    @Override
    public Member self() {
        return self;
    }

    @Override
    public void update(Member changed) {
        if (!changed.id().equals(self.id())) {
            throw new IllegalArgumentException(
                    "this member is %s, not %s".formatted(self.id(), changed.id()));
        }
        self = changed;
    }

    @Override
    public List<Member> members() {
        return List.of(self);
    }

    /** Nobody comes or goes, so the listener never hears anything. */
    @Override
    public void listen(MembershipListener listener) {}

    @Override
    public void close() {}
}
