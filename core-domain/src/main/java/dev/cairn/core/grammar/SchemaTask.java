package dev.cairn.core.grammar;

import java.util.List;
import java.util.function.Consumer;

/** What is left to be said of a {@link SchemaShape}. */
sealed interface SchemaTask {

    /** A schema that holds too. */
    record Holds(SchemaTerm term) implements SchemaTask {}

    /** One of several ways; all tasks of that way hold. */
    record Either(List<List<SchemaTask>> ways) implements SchemaTask {}

    /** Something of the shape itself. */
    record Asserts(Consumer<SchemaShape> assertion) implements SchemaTask {}

    static SchemaTask holds(SchemaTerm term) {
        return new Holds(term);
    }

    static SchemaTask asserts(Consumer<SchemaShape> assertion) {
        return new Asserts(assertion);
    }

    /** That the value has one of some types, and something more. */
    static List<SchemaTask> of(int types, Consumer<SchemaShape> assertion) {
        return List.of(asserts(shape -> shape.only(types)), asserts(assertion));
    }

    static SchemaTask nothing() {
        return asserts(shape -> shape.only(0));
    }
}
