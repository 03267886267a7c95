package dev.cairn.core.schedule;

import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Whom a scheduler does not take, however much room it has. One mailbox owns it.
 *
 * @param live requests by id
 * @param maxModelLength most tokens of prompt and answer
 */
record Entrance(
        Map<String, LiveRequest> live,
        SleepState sleep,
        SequenceSource sequences,
        BeamStep beamStep,
        AdapterSlots adapters,
        int maxModelLength) {

    /** Why it is refused; empty if it may come in. */
    Optional<RequestProblem> refusal(GenerationRequest request) {
        if (sleep.refusal().isPresent()) {
            return sleep.refusal();
        }
        if (live.containsKey(request.id())) {
            return Optional.of(
                    RequestProblem.invalid(
                            "request_id", "request_id is in use by a request that still runs"));
        }
        Optional<RequestProblem> adapter = adapters.refusal(request);
        if (adapter.isPresent()) {
            return adapter;
        }
        OptionalInt unknown = sequences.unknownToken(request.continuation());
        if (unknown.isPresent()) {
            return Optional.of(
                    SchedulerProblems.unfit(
                            "token %d is not one of the %d that the model has"
                                    .formatted(unknown.getAsInt(), sequences.vocabulary())));
        }
        int prompt = request.prompt().length;
        return prompt >= maxModelLength
                ? Optional.of(SchedulerProblems.tooLong(prompt, maxModelLength))
                : beamStep.refusal(request);
    }
}
