package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Node.Expression;
import dev.cairn.engine.models.template.Node.MacroSignature;
import dev.cairn.engine.models.template.Node.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro with the scope that it was defined in. */
final class Macro implements Callable {

    private final String name;
    private final MacroSignature signature;
    private final List<Statement> body;
    private final Scope definedIn;
    private final Interpreter interpreter;

    Macro(
            String name,
            MacroSignature signature,
            List<Statement> body,
            Scope definedIn,
            Interpreter interpreter) {
        this.name = name;
        this.signature = signature;
        this.body = body;
        this.definedIn = definedIn;
        this.interpreter = interpreter;
    }

    String name() {
        return name;
    }

    @Override
    public Object call(Arguments arguments) {
        Scope scope = new Scope(definedIn);
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        List<String> parameters = signature.parameters();
        for (int i = 0; i < parameters.size(); i++) {
            String parameter = parameters.get(i);
            if (i < arguments.positional().size()) {
                if (named.containsKey(parameter)) {
                    throw JinjaException.fault(
                            "macro '" + name + "' got two values for '" + parameter + "'");
                }
                scope.set(parameter, arguments.positional().get(i));
            } else if (named.containsKey(parameter)) {
                scope.set(parameter, named.remove(parameter));
            } else {
                scope.set(parameter, missing(parameter, signature.defaults().get(i), scope));
            }
        }
        bindRest(arguments.positional(), named, scope);
        return interpreter.capture(body, scope);
    }

    private Object missing(String parameter, Expression otherwise, Scope scope) {
        return otherwise == null
                ? new Undefined("parameter '" + parameter + "' was not provided")
                : interpreter.evaluate(otherwise, scope);
    }

    private void bindRest(List<Object> positional, Map<String, Object> named, Scope scope) {
        int taken = Math.min(positional.size(), signature.parameters().size());
        if (signature.mentioned().contains("varargs")) {
            scope.set("varargs", new Tuple(positional.subList(taken, positional.size())));
        } else if (taken < positional.size()) {
            throw JinjaException.fault(
                    "macro '" + name + "' takes not more than " + taken + " argument(s)");
        }
        if (signature.mentioned().contains("caller")) {
            Object caller = named.remove("caller");
            scope.set("caller", caller == null ? new Undefined("No caller defined") : caller);
        }
        if (signature.mentioned().contains("kwargs")) {
            scope.set("kwargs", named);
        } else if (!named.isEmpty()) {
            throw JinjaException.fault(
                    "macro '"
                            + name
                            + "' takes no keyword argument '"
                            + named.keySet().iterator().next()
                            + "'");
        }
    }
}
