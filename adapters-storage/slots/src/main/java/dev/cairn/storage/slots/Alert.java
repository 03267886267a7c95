package dev.cairn.storage.slots;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * One line in the log when something begins to go wrong, none while it goes on, one when it is
 * over.
 *
 * <p>Threads: any.
 */
public final class Alert {

    private static final Logger LOG = System.getLogger(Alert.class.getPackageName());

    private final String subject;
    private boolean raised;

    /**
     * @param subject what is concerned, for example {@code "tier disk: writes"}
     */
    public Alert(String subject) {
        this.subject = subject;
    }

    public synchronized void raise(String what) {
        if (!raised) {
            raised = true;
            LOG.log(Level.WARNING, "{0}: {1}", subject, what);
        }
    }

    public synchronized void over() {
        if (raised) {
            raised = false;
            LOG.log(Level.INFO, "{0}: all is well again", subject);
        }
    }
}
