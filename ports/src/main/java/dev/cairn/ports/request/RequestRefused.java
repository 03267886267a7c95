package dev.cairn.ports.request;

/** Thrown before any work was started for a request. */
public final class RequestRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient RequestProblem problem;

    public RequestRefused(RequestProblem problem) {
        super(problem.message());
        this.problem = problem;
    }

    public RequestProblem problem() {
        return problem;
    }
}
