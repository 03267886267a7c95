/** Tests of single parts of the cache; what they do together is tested with the scheduler. */
package dev.cairn.core.cache;
