package dev.cairn.core.relay;

import dev.cairn.core.route.Bookings.Booking;

/** Where an attempt is booked. */
record Place(Slot slot, Booking booking) {}
