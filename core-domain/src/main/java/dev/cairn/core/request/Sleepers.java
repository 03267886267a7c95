package dev.cairn.core.request;

import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

/** Several engines that sleep and wake together. Threads: any; immutable. */
final class Sleepers implements Sleeper {

    private final List<Sleeper> engines;

    /**
     * @param engines those that can
     */
    Sleepers(List<Sleeper> engines) {
        this.engines = List.copyOf(engines);
    }

    @Override
    public void sleep(SleepMode mode, Completion<Void> done) {
        all((engine, heard) -> engine.sleep(mode, heard), done);
    }

    @Override
    public void wake(Completion<Void> done) {
        all(Sleeper::wake, done);
    }

    @Override
    public boolean isAsleep() {
        return engines.stream().anyMatch(Sleeper::isAsleep);
    }

    private void all(BiConsumer<Sleeper, Completion<Void>> each, Completion<Void> done) {
        if (engines.isEmpty()) {
            done.failed(
                    new RequestRefused(
                            RequestProblem.of(
                                    Category.NOT_SERVED,
                                    "not_served",
                                    "no engine here can give its memory back; stop the server"
                                            + " instead")));
            return;
        }
        var heard = new All(engines.size(), done);
        for (Sleeper engine : engines) {
            each.accept(engine, heard);
        }
    }

    /** Completes with the last, and fails with the first failure. */
    private static final class All implements Completion<Void> {

        private final AtomicInteger open;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Completion<Void> done;

        All(int count, Completion<Void> done) {
            this.open = new AtomicInteger(count);
            this.done = done;
        }

        @Override
        public void completed(Void nothing) {
            ended();
        }

        @Override
        public void failed(Throwable why) {
            failure.compareAndSet(null, why);
            ended();
        }

        private void ended() {
            if (open.decrementAndGet() > 0) {
                return;
            }
            if (failure.get() == null) {
                done.completed(null);
            } else {
                done.failed(failure.get());
            }
        }
    }
}
