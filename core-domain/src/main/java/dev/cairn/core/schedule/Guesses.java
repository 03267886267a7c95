package dev.cairn.core.schedule;

import dev.cairn.core.speculate.Acceptance;
import dev.cairn.core.speculate.Proposer;

/** How one sequence is guessed, and how well. One mailbox owns it. */
record Guesses(Proposer proposer, Acceptance acceptance) {}
