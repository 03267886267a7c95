package dev.cairn.core.fleet;

/** Where a request goes. */
sealed interface Place {

    /** To a worker: begun and booked. */
    record At(Attempt attempt) implements Place {}

    /** Nobody may be asked now. */
    record Nowhere() implements Place {}

    /** All who could be asked have enough to do that comes before it. */
    record Busy() implements Place {}

    /** All would begin it after its deadline. */
    record TooLate(long byNanos) implements Place {}
}
