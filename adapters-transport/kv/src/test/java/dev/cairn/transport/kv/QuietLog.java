package dev.cairn.transport.kv;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps thousands of expected warnings out of the build's output. */
final class QuietLog implements BeforeAllCallback, AfterAllCallback {

    private static final Logger LOGGER = Logger.getLogger(QuietLog.class.getPackageName());

    @Override
    public void beforeAll(ExtensionContext context) {
        LOGGER.setLevel(Level.SEVERE);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        LOGGER.setLevel(null);
    }
}
