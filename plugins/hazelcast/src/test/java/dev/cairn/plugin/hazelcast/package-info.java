/**
 * Tests of the fleet: its protocol over a network of their own, and whole members over Hazelcast.
 */
package dev.cairn.plugin.hazelcast;
