package dev.cairn.distribution.fleet;

import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.fleet.Role;
import dev.cairn.tck.MembershipContract;
import java.util.Map;
import java.util.Set;

class LoneMemberTest extends MembershipContract {

    private final LoneMember member =
            new LoneMember(new Member("self", Role.ALL, "", Map.of(), Set.of(), false, Map.of()));

    @Override
    protected Membership membership() {
        return member;
    }
}
