package dev.cairn.core.request;

import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The answers of several to one question: complete with the last, failed with the first failure.
 * Threads: any.
 */
final class Gathering<T, R> {

    private final AtomicReferenceArray<T> answers;
    private final AtomicInteger open;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Function<List<T>, R> together;
    private final Completion<R> done;

    private Gathering(int count, Function<List<T>, R> together, Completion<R> done) {
        this.answers = new AtomicReferenceArray<>(count);
        this.open = new AtomicInteger(count + 1);
        this.together = together;
        this.done = done;
    }

    /**
     * Asks everybody.
     *
     * @param together makes one answer of all, which come in the order of those who were asked
     */
    static <A, T, R> void of(
            List<A> asked,
            BiConsumer<A, Completion<T>> question,
            Function<List<T>, R> together,
            Completion<R> done) {
        Gathering<T, R> gathering = new Gathering<>(asked.size(), together, done);
        for (int i = 0; i < asked.size(); i++) {
            int index = i;
            question.accept(
                    asked.get(i),
                    new Completion<>() {
                        @Override
                        public void completed(T answer) {
                            gathering.answers.set(index, answer);
                            gathering.ended();
                        }

                        @Override
                        public void failed(Throwable why) {
                            gathering.failure.compareAndSet(null, why);
                            gathering.ended();
                        }
                    });
        }
        gathering.ended();
    }

    /** Goes on with an answer; a failure is handed on. */
    static <T> Completion<T> then(Completion<?> done, Consumer<T> next) {
        return new Completion<>() {
            @Override
            public void completed(T answer) {
                next.accept(answer);
            }

            @Override
            public void failed(Throwable why) {
                done.failed(why);
            }
        };
    }

    private void ended() {
        if (open.decrementAndGet() > 0) {
            return;
        }
        if (failure.get() != null) {
            done.failed(failure.get());
            return;
        }
        List<T> all = new ArrayList<>(answers.length());
        for (int i = 0; i < answers.length(); i++) {
            all.add(answers.get(i));
        }
        done.completed(together.apply(all));
    }
}
