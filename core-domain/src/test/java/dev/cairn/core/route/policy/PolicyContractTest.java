package dev.cairn.core.route.policy;

import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.tck.RoutingPolicyContract;
import org.junit.jupiter.api.Nested;

/** Every policy keeps the port's contract. */
class PolicyContractTest {

    @Nested
    class OfKvAware extends RoutingPolicyContract {

        @Override
        protected RoutingPolicy policy() {
            return new KvAware();
        }
    }

    @Nested
    class OfApproximatePrefix extends RoutingPolicyContract {

        @Override
        protected RoutingPolicy policy() {
            return new ApproximatePrefix();
        }
    }

    @Nested
    class OfConsistentHash extends RoutingPolicyContract {

        @Override
        protected RoutingPolicy policy() {
            return new ConsistentHash();
        }
    }

    @Nested
    class OfSessionAffinity extends RoutingPolicyContract {

        @Override
        protected RoutingPolicy policy() {
            return new SessionAffinity();
        }
    }

    @Nested
    class OfLeastLoad extends RoutingPolicyContract {

        @Override
        protected RoutingPolicy policy() {
            return new LeastLoad();
        }
    }

    @Nested
    class OfPowerOfTwo extends RoutingPolicyContract {

        @Override
        protected RoutingPolicy policy() {
            return new PowerOfTwo();
        }
    }

    @Nested
    class OfRoundRobin extends RoutingPolicyContract {

        @Override
        protected RoutingPolicy policy() {
            return new RoundRobin();
        }
    }

    @Nested
    class OfRandomPick extends RoutingPolicyContract {

        @Override
        protected RoutingPolicy policy() {
            return new RandomPick();
        }
    }
}
