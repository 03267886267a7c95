package dev.cairn.distribution.plugin;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;

/**
 * Runs plugin code with the thread's context class loader set to the plugin's, because many
 * libraries look there for their own services.
 */
final class ContextClassLoader {

    private ContextClassLoader() {}

    static <T> T call(ClassLoader loader, Supplier<T> work) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return work.get();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /**
     * The same object behind its interface, with the loader set around each call. For what is
     * called at start or now and then, not for what a step calls.
     */
    static <T> T around(ClassLoader loader, Class<T> type, T target) {
        Object proxy =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> {
                            Thread thread = Thread.currentThread();
                            ClassLoader before = thread.getContextClassLoader();
                            thread.setContextClassLoader(loader);
                            try {
                                return method.invoke(target, arguments);
                            } catch (InvocationTargetException thrown) {
                                throw thrown.getCause();
                            } finally {
                                thread.setContextClassLoader(before);
                            }
                        });
        return type.cast(proxy);
    }
}
