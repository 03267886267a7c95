/**
 * Tests of the program as its users meet it: started as a process from the assembled folder. Start
 * at {@code CairnProcess}.
 */
package dev.cairn.distribution;
