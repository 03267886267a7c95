package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonBoolean;

/**
 * A schema where it stands in its document, or, negated, everything that it does not allow. Terms
 * are equal where they speak of the same place: schemas are large, and a place has one content.
 *
 * @param base URI that references in the schema are relative to
 */
record SchemaTerm(JsonValue schema, String base, boolean negated) {

    static final SchemaTerm NOTHING = new SchemaTerm(JsonValue.of(false), "", false);

    SchemaTerm at(JsonValue part) {
        return new SchemaTerm(part, base, false);
    }

    SchemaTerm not() {
        return new SchemaTerm(schema, base, !negated);
    }

    /** Whether every value is allowed, seen at a glance. */
    boolean isAnything() {
        return !negated && (isFlag(true) || isEmpty()) || negated && isFlag(false);
    }

    /** Whether no value is allowed, seen at a glance. */
    boolean isNothing() {
        return !negated && isFlag(false) || negated && (isFlag(true) || isEmpty());
    }

    private boolean isFlag(boolean wanted) {
        return schema instanceof JsonBoolean(boolean flag) && flag == wanted;
    }

    private boolean isEmpty() {
        return schema instanceof JsonValue.JsonObject(var members) && members.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SchemaTerm that
                && schema == that.schema
                && negated == that.negated
                && base.equals(that.base);
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(schema) * 2 + (negated ? 1 : 0);
    }
}
