package dev.cairn.distribution.wiring;

import dev.cairn.core.demand.DemandDesk;
import dev.cairn.core.request.Inference;
import dev.cairn.distribution.drive.ThreadMailboxes;
import java.util.List;
import java.util.Optional;

/**
 * What was loaded, and the use cases over it.
 *
 * @param generation models that generate text
 * @param encoders models that read texts and write none
 * @param routed models that others serve, this process being their router
 * @param demand where requests wait for models that have no memory now
 * @param tiers that keep the models' blocks
 */
public record ServedModels(
        Inference inference,
        List<LoadedModel> generation,
        List<LoadedEncoder> encoders,
        List<RoutedModel> routed,
        Optional<DemandDesk> demand,
        ThreadMailboxes mailboxes,
        CacheTiers tiers)
        implements AutoCloseable {

    /** Fails what is still alive, waits for the engines' last step, gives memory back. */
    @Override
    public void close() {
        demand.ifPresent(DemandDesk::close);
        generation.forEach(LoadedModel::writeBack);
        generation.forEach(LoadedModel::end);
        routed.forEach(RoutedModel::end);
        // A backend speaks to its runner until its mailbox has handed over its last event.
        mailboxes.close();
        generation.forEach(LoadedModel::close);
        routed.forEach(RoutedModel::close);
        encoders.forEach(LoadedEncoder::close);
        tiers.close();
    }
}
