package dev.cairn.ports.model;

/** One transformer layer. Layers of one model may differ in window, rotary encoding and experts. */
public record LayerArchitecture(
        AttentionArchitecture attention, FeedForwardArchitecture feedForward) {}
