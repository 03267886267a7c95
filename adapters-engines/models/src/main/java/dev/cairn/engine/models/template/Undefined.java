package dev.cairn.engine.models.template;

/**
 * What a template gets for a name, attribute or item that is not there: prints as nothing, is false
 * and empty, and fails in any other use with the message that it carries.
 */
record Undefined(String message) {

    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined attribute(Object owner, Object name) {
        String what = owner == null ? "'None'" : "'" + Values.typeName(owner) + " object'";
        return new Undefined(
                name instanceof String text
                        ? what + " has no attribute '" + text + "'"
                        : Values.typeName(owner)
                                + " object has no element "
                                + PythonText.repr(name));
    }

    JinjaException fault() {
        return JinjaException.fault(message);
    }
}
