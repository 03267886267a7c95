package dev.cairn.core.share;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;

/**
 * What became of the blocks that a member handed over.
 *
 * @param blocks that were to be handed over
 * @param elsewhere of them, that another member held already
 * @param handed that others took or had
 * @param bytes of the handed ones
 * @param left that nobody took
 * @param inTime whether it ended before the time was up
 */
public record HandOverReport(
        int blocks, int elsewhere, int handed, long bytes, int left, boolean inTime) {

    /** The report as an object with these members. */
    public JsonValue toJson() {
        return JsonObject.builder()
                .put("blocks", blocks)
                .put("elsewhere", elsewhere)
                .put("handed", handed)
                .put("bytes", bytes)
                .put("left", left)
                .put("in_time", inTime)
                .build();
    }
}
