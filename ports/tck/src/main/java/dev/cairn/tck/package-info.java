/**
 * The contract tests that every implementation of a port passes, whether built in or a plugin. It
 * may depend on the ports, JUnit and AssertJ.
 */
package dev.cairn.tck;
