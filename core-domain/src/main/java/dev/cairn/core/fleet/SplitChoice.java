package dev.cairn.core.fleet;

import dev.cairn.core.route.Router.Pick;

/**
 * Whether somebody else reads a prompt. A prompt that is short, or mostly cached where it is
 * answered, is read there: moving its blocks would cost more than it saves. The rule and its form
 * are Dynamo's conditional disaggregation.
 *
 * <p>Threads: one mailbox owns it.
 */
final class SplitChoice {

    private final FleetSettings settings;

    SplitChoice(FleetSettings settings) {
        this.settings = settings;
    }

    /**
     * @param place where it would be answered
     */
    boolean pays(RoutedRequest request, Pick place) {
        int prompt = request.request().prompt().length;
        int uncached = prompt - place.cachedTokens();
        return uncached >= settings.splitTokens() && uncached >= settings.splitShare() * prompt;
    }
}
