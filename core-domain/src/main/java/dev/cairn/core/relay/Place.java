package dev.cairn.core.relay;

import dev.cairn.core.route.Bookings.Booking;

/**
 * Where an attempt is booked.
 *
 * @param expected ends what was expected of the engine's cache; may be run again
 */
record Place(Slot slot, Booking booking, Runnable expected) {

    /** The prompt is computed: what the engine's cache has now, it says itself. */
    void firstToken() {
        booking.firstToken();
        expected.run();
    }

    void release() {
        booking.release();
        expected.run();
    }
}
