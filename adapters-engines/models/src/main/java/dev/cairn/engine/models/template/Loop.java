package dev.cairn.engine.models.template;

import java.util.List;

/** The variable {@code loop} of a for block. */
final class Loop implements Callable {

    private final List<Object> items;
    private final int depth;
    private final Callable recursion;
    private int index;
    private Object lastChanged = this;

    /**
     * @param depth nesting of recursive loops, from 0
     * @param recursion what {@code loop(items)} does, null in a loop that is not recursive
     */
    Loop(List<Object> items, int depth, Callable recursion) {
        this.items = items;
        this.depth = depth;
        this.recursion = recursion;
    }

    void moveTo(int newIndex) {
        index = newIndex;
    }

    /** The attribute's value, undefined where a loop has none of that name. */
    Object attribute(String name) {
        return switch (name) {
            case "index" -> (long) index + 1;
            case "index0" -> (long) index;
            case "revindex" -> (long) items.size() - index;
            case "revindex0" -> (long) items.size() - index - 1;
            case "first" -> index == 0;
            case "last" -> index == items.size() - 1;
            case "length" -> (long) items.size();
            case "depth" -> (long) depth + 1;
            case "depth0" -> (long) depth;
            case "previtem" ->
                    index == 0 ? new Undefined("there is no previous item") : items.get(index - 1);
            case "nextitem" ->
                    index == items.size() - 1
                            ? new Undefined("there is no next item")
                            : items.get(index + 1);
            case "cycle" ->
                    (Callable)
                            arguments -> {
                                if (arguments.positional().isEmpty()) {
                                    throw JinjaException.fault("no items for cycling given");
                                }
                                return arguments
                                        .positional()
                                        .get(index % arguments.positional().size());
                            };
            case "changed" ->
                    (Callable)
                            arguments -> {
                                Object now = new Tuple(List.copyOf(arguments.positional()));
                                boolean changed = !Values.equal(now, lastChanged);
                                lastChanged = now;
                                return changed;
                            };
            default -> Undefined.attribute(this, name);
        };
    }

    @Override
    public Object call(Arguments arguments) {
        if (recursion == null) {
            throw JinjaException.fault(
                    "the loop must have the 'recursive' marker to be called recursively");
        }
        return recursion.call(arguments);
    }
}
