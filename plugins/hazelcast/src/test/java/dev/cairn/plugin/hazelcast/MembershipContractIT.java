package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.fleet.Membership;
import dev.cairn.tck.FleetMembershipContract;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class MembershipContractIT extends FleetMembershipContract {

    private static Pair pair;

    @BeforeAll
    static void open() throws IOException {
        pair = new Pair(Map.of());
    }

    @AfterAll
    static void close() {
        pair.close();
    }

    @Override
    protected Membership membership() {
        return pair.first().membership();
    }

    @Override
    protected Membership other() {
        return pair.second().membership();
    }

    @Override
    protected Membership join() {
        return pair.join().onlyMembership();
    }
}
