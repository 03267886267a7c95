package dev.cairn.core.route.policy;

import java.util.List;

/** A session stays with one worker unless that has far too much to do; others go by load. */
public final class SessionAffinity extends WeighingPolicy {

    public SessionAffinity() {
        super("session-affinity", Knowledge.NOTHING);
    }

    @Override
    Weighing weigh(RouteQuestion question, List<Candidate> candidates) {
        return question.session().isEmpty()
                ? LeastLoad.of(candidates)
                : new Rendezvous(Rendezvous.hash(question.session()), candidates, "session");
    }
}
