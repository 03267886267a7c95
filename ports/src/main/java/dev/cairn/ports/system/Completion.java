package dev.cairn.ports.system;

/**
 * What is called when something that was started has ended, once, with a result or with the
 * failure.
 *
 * <p>Threads: on whatever thread the port says; implementations only hand the outcome on (post an
 * event) and never wait.
 */
public interface Completion<T> {

    void completed(T result);

    void failed(Throwable failure);
}
