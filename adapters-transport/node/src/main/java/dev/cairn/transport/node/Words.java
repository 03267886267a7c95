package dev.cairn.transport.node;

import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.RequestProblem.Category;
import java.util.Locale;

/** Enums as they travel: numbers and names that stay what they are when the enums change. */
final class Words {

    private Words() {}

    static int code(FinishReason reason) {
        return switch (reason) {
            case STOP -> 0;
            case LENGTH -> 1;
            case TOOL_CALLS -> 2;
        };
    }

    static FinishReason reason(int code) throws ProtocolException {
        return switch (code) {
            case 0 -> FinishReason.STOP;
            case 1 -> FinishReason.LENGTH;
            case 2 -> FinishReason.TOOL_CALLS;
            default -> throw new ProtocolException("no reason to finish has the number " + code);
        };
    }

    static String name(Category category) {
        return category.name().toLowerCase(Locale.ROOT);
    }

    /** One that is not known here is a fault of the other side's. */
    static Category category(String name) {
        for (Category category : Category.values()) {
            if (name(category).equals(name)) {
                return category;
            }
        }
        return Category.INTERNAL;
    }
}
