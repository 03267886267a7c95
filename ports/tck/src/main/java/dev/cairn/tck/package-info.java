/**
 * The contract tests of the ports: what an adapter's author extends to know that the adapter does
 * what the core relies on. Built-in adapters pass the same tests.
 *
 * <p>Extend {@link dev.cairn.tck.ModelRunnerContract}, {@link dev.cairn.tck.BlockTierContract},
 * {@link dev.cairn.tck.BlockTransportContract}, {@link dev.cairn.tck.RoutingPolicyContract}, {@link
 * dev.cairn.tck.MembershipContract}, {@link dev.cairn.tck.BlockDirectoryContract} or {@link
 * dev.cairn.tck.ClusterCommandsContract} in a test class and give it the adapter. Depends on {@code
 * ports}, JUnit and AssertJ.
 */
package dev.cairn.tck;
