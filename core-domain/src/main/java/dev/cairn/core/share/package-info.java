/**
 * Blocks shared with other members of a fleet: what this process's tiers hold is told to the
 * directory ({@code DirectoryFeed}), lent to peers ({@code TierSource}), taken over from a peer
 * that says so ({@code TakeBlocks}), handed over before this member leaves ({@code HandOver}) and
 * moved to another one when somebody asks for it ({@code MoveBlocks}).
 *
 * <p>How a request gets blocks from peers is {@code core.cache}'s. Depends on {@code ports} and
 * {@code core.mailbox}. Start at {@code TierSource}.
 */
package dev.cairn.core.share;
