package dev.cairn.distribution.command;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * Where a command reads and writes.
 *
 * @param out answers, in UTF-8
 * @param err complaints
 */
public record Terminal(InputStream in, PrintStream out, PrintStream err) {}
