package dev.cairn.core.fleet;

import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The last requests' stories, for who asks why.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Stories {

    private final Map<String, Story> byRequest;

    /**
     * @param most kept; the oldest make room
     */
    Stories(int most) {
        this.byRequest =
                new LinkedHashMap<>() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<String, Story> eldest) {
                        return size() > most;
                    }
                };
    }

    Story begin(RoutedRequest request, long nanos) {
        Story story = new Story(request, nanos);
        byRequest.put(story.request(), story);
        return story;
    }

    Optional<JsonObject> of(String request) {
        return Optional.ofNullable(byRequest.get(request)).map(Story::json);
    }
}
