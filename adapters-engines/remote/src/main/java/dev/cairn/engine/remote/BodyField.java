package dev.cairn.engine.remote;

/**
 * Where a field of the outermost object lies, in bytes of the body.
 *
 * @param nameFrom its name's quote
 * @param valueTo the byte after its value
 */
record BodyField(String name, long nameFrom, long valueFrom, long valueTo) {}
