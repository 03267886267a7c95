package dev.cairn.engine.models.template;

import java.util.ArrayList;
import java.util.List;

/**
 * What Jinja's lazy filters give: it can be walked through once, is true even if nothing comes, and
 * has no length.
 */
final class Generated {

    private final List<Object> items;
    private int next;

    Generated(List<Object> items) {
        this.items = items;
    }

    /** The next element, or the given value at the end. */
    Object next(Object otherwise) {
        return next < items.size() ? items.get(next++) : otherwise;
    }

    /** All elements that nobody has taken yet. */
    List<Object> rest() {
        List<Object> rest = new ArrayList<>(items.subList(next, items.size()));
        next = items.size();
        return rest;
    }
}
