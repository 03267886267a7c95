package dev.cairn.distribution.plugin;

/** A plugin that cannot be used. The message names its jar and says what to do. */
public final class PluginException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    PluginException(String message) {
        super(message);
    }

    public PluginException(String message, Throwable cause) {
        super(message, cause);
    }
}
