package dev.cairn.ports.engine;

/** A launched step, opaque to the core. */
public interface StepHandle {}
