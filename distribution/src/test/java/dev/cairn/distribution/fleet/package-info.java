/** The fleet of one passes the contracts that hold where nobody else is there. */
package dev.cairn.distribution.fleet;
