/**
 * The parts of an answer: what the model thinks, what it says, and which tools it calls. Says which
 * format an answer must have so that its parts are well formed, and takes the answer's text apart
 * while it comes. Pure state, no I/O; depends on the ports alone. Start at {@link
 * dev.cairn.core.parts.AnswerPlan}.
 */
package dev.cairn.core.parts;
