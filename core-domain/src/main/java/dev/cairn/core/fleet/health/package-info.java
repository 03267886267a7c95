/**
 * Who is well enough to get a request: pure state machines over outcomes and time. {@link
 * dev.cairn.core.fleet.health.WorkerHealth} is one worker's, {@link
 * dev.cairn.core.fleet.health.Outliers} compares workers, {@link
 * dev.cairn.core.fleet.health.Budget} bounds retries and hedges. Depends on nothing. Start at
 * {@link dev.cairn.core.fleet.health.WorkerHealth}.
 */
package dev.cairn.core.fleet.health;
