package dev.cairn.storage.hub;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Asks the hub: {@code GET /api/models/ID/revision/REVISION?blobs=true} for what a repository
 * holds, {@code HEAD} and {@code GET /ID/resolve/COMMIT/PATH} for its files (the API that {@code
 * huggingface_hub} uses). Redirections are followed here, because the token is for the hub alone
 * and not for where it keeps its files.
 *
 * <p>Threads: any. Every call is one attempt; {@link IOException} means that another may do.
 */
final class HubClient {

    private static final int MOST_REDIRECTIONS = 8;
    private static final int LARGEST_PAGE = 64 << 20;
    private static final int MOST_FILES = 100_000;
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    private final HubSettings settings;

    HubClient(HubSettings settings) {
        this.settings = settings;
    }

    /**
     * What a repository holds at a revision.
     *
     * @param commit that a branch or tag stands at
     */
    record Repository(HubId id, String commit, List<HubFile> files) {}

    /**
     * @throws ModelException if the hub says that it is not there or not for us, or answers what
     *     makes no sense
     */
    Repository repository(HubId id) throws IOException {
        String place =
                "%s/api/models/%s/revision/%s?blobs=true"
                        .formatted(
                                settings.endpoint(),
                                id.repository(),
                                URLEncoder.encode(id.revision(), StandardCharsets.UTF_8));
        HttpURLConnection connection = open("GET", URI.create(place), 0);
        try (InputStream body = body(connection, id, id.repository())) {
            byte[] page = body.readNBytes(LARGEST_PAGE);
            if (page.length == LARGEST_PAGE) {
                throw nonsense(id, "a list of files of more than 64 MiB");
            }
            return read(id, JsonReader.read(new String(page, StandardCharsets.UTF_8)));
        } catch (JsonException e) {
            throw nonsense(id, "no JSON: " + e.getMessage());
        }
    }

    private Repository read(HubId id, JsonValue answer) {
        if (!(answer instanceof JsonObject page)
                || !(page.member("sha") instanceof JsonString(String commit))
                || !COMMIT.matcher(commit).matches()
                || !(page.member("siblings") instanceof JsonArray(List<JsonValue> siblings))
                || siblings.size() > MOST_FILES) {
            throw nonsense(id, "no commit (sha) and files (siblings)");
        }
        List<HubFile> files = new ArrayList<>();
        for (JsonValue sibling : siblings) {
            HubFile file = file(id, sibling);
            if (!file.harmless()) {
                throw nonsense(id, "a file called \"%s\"".formatted(file.path()));
            }
            files.add(file);
        }
        return new Repository(id, commit, files);
    }

    private HubFile file(HubId id, JsonValue sibling) {
        if (!(sibling instanceof JsonObject entry)
                || !(entry.member("rfilename") instanceof JsonString(String path))) {
            throw nonsense(id, "a file without a name (rfilename)");
        }
        String tag = text(entry, "blobId").orElse("");
        if (entry.member("lfs") instanceof JsonObject large) {
            tag = text(large, "sha256").or(() -> text(large, "oid")).orElse("");
        }
        return new HubFile(path, length(entry), tag);
    }

    private static Optional<String> text(JsonObject from, String name) {
        return from.member(name) instanceof JsonString(String value)
                ? Optional.of(value)
                : Optional.empty();
    }

    private static long length(JsonObject entry) {
        return entry.member("size") instanceof JsonNumber number && number.isIntegerLiteral()
                ? number.longValueExact()
                : -1;
    }

    /** Length and tag of a file that the list did not describe. */
    HubFile describe(Repository repository, HubFile file) throws IOException {
        HttpURLConnection connection = open("HEAD", place(repository, file), 0);
        try (InputStream _ = body(connection, repository.id(), file.path())) {
            String tag = header(connection, "X-Linked-ETag", "ETag");
            String length = header(connection, "X-Linked-Size", "Content-Length");
            HubFile described = new HubFile(file.path(), number(length), bare(tag));
            if (!described.described() || !described.harmless()) {
                throw nonsense(
                        repository.id(),
                        "neither length nor tag of %s (headers ETag and Content-Length)"
                                .formatted(file.path()));
            }
            return described;
        }
    }

    private static String header(HttpURLConnection connection, String name, String otherwise) {
        String value = connection.getHeaderField(name);
        return Optional.ofNullable(value == null ? connection.getHeaderField(otherwise) : value)
                .orElse("");
    }

    /** A redirection that tells what it leads to: the answer to {@code HEAD}. */
    private static boolean linked(HttpURLConnection connection) {
        return connection.getHeaderField("X-Linked-ETag") != null;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException none) {
            return -1;
        }
    }

    /** An entity tag without its quotes and mark of weakness. */
    private static String bare(String tag) {
        return tag.strip().replaceFirst("^W/", "").replace("\"", "");
    }

    /**
     * A file's content. The caller closes it.
     *
     * @param stream from {@code begin} on
     * @param begin 0 if the server does not give parts
     */
    record Content(InputStream stream, long begin) implements AutoCloseable {

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    /**
     * @param from byte to begin with
     */
    Content content(Repository repository, HubFile file, long from) throws IOException {
        HttpURLConnection connection = open("GET", place(repository, file), from);
        InputStream stream = body(connection, repository.id(), file.path());
        return new Content(
                stream, connection.getResponseCode() == 206 ? begin(connection, from) : 0);
    }

    /** {@code Content-Range: bytes BEGIN-END/ALL}. */
    private static long begin(HttpURLConnection connection, long asked) throws IOException {
        String range = connection.getHeaderField("Content-Range");
        if (range == null || !range.startsWith("bytes " + asked + "-")) {
            connection.disconnect();
            throw new IOException("the hub gave another part than the one asked for: " + range);
        }
        return asked;
    }

    private URI place(Repository repository, HubFile file) {
        StringBuilder path = new StringBuilder();
        for (String part : file.path().split("/")) {
            path.append('/')
                    .append(URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"));
        }
        return URI.create(
                "%s/%s/resolve/%s%s"
                        .formatted(
                                settings.endpoint(),
                                repository.id().repository(),
                                repository.commit(),
                                path));
    }

    private HttpURLConnection open(String method, URI first, long from) throws IOException {
        URI place = first;
        for (int hop = 0; hop <= MOST_REDIRECTIONS; hop++) {
            HttpURLConnection connection = connect(method, place, from);
            int status = connection.getResponseCode();
            String next = connection.getHeaderField("Location");
            boolean redirected = status / 100 == 3 && status != 304 && next != null;
            if (!redirected || (method.equals("HEAD") && linked(connection))) {
                return connection;
            }
            connection.disconnect();
            place = next(place, next);
        }
        throw new IOException("more than %d redirections".formatted(MOST_REDIRECTIONS));
    }

    private static URI next(URI place, String location) throws IOException {
        try {
            URI next = place.resolve(location);
            boolean weaker = "https".equals(place.getScheme()) && !"https".equals(next.getScheme());
            if (weaker || !List.of("http", "https").contains(String.valueOf(next.getScheme()))) {
                throw new IOException("redirected to a place that is not safe: " + next.getHost());
            }
            return next;
        } catch (IllegalArgumentException malformed) {
            throw new IOException("redirected to what is no address", malformed);
        }
    }

    private HttpURLConnection connect(String method, URI place, long from) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) place.toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout((int) settings.patience().toMillis());
        connection.setReadTimeout((int) settings.patience().toMillis());
        connection.setRequestProperty("User-Agent", "cairn");
        connection.setRequestProperty("Accept-Encoding", "identity");
        if (from > 0) {
            connection.setRequestProperty("Range", "bytes=" + from + "-");
        }
        URI hub = URI.create(settings.endpoint());
        boolean ours =
                hub.getScheme().equals(place.getScheme())
                        && hub.getAuthority().equals(place.getAuthority());
        if (ours && settings.token().isPresent()) {
            connection.setRequestProperty("Authorization", "Bearer " + settings.token().get());
        }
        return connection;
    }

    /** The body of a good answer. */
    private InputStream body(HttpURLConnection connection, HubId id, String what)
            throws IOException {
        int status = connection.getResponseCode();
        if (status / 100 == 2 || (status / 100 == 3 && linked(connection))) {
            return connection.getInputStream();
        }
        String code = Optional.ofNullable(connection.getHeaderField("X-Error-Code")).orElse("");
        connection.disconnect();
        if (status == 408 || status == 416 || status == 429 || status / 100 == 5) {
            throw new IOException("%s: HTTP %d".formatted(what, status));
        }
        throw switch (status) {
            case 401, 403 -> new ModelException(forbidden(id, code));
            case 404 -> new ModelException(missing(id, what, code));
            default -> nonsense(id, "HTTP %d for %s".formatted(status, what));
        };
    }

    private String forbidden(HubId id, String code) {
        return code.equals("GatedRepo")
                ? "%s is gated: accept its terms on %s/%s, and set HF_TOKEN (or cairn.hub.token) to a token of that account"
                        .formatted(id.repository(), settings.endpoint(), id.repository())
                : "%s has no model %s for %s; check the name, or set HF_TOKEN (or cairn.hub.token) if it is private"
                        .formatted(
                                settings.endpoint(),
                                id.repository(),
                                settings.token().isPresent() ? "this token" : "anonymous readers");
    }

    private String missing(HubId id, String what, String code) {
        if (code.equals("RevisionNotFound")) {
            return "%s has no revision \"%s\" on %s"
                    .formatted(id.repository(), id.revision(), settings.endpoint());
        }
        return what.equals(id.repository())
                ? "%s has no model %s%s"
                        .formatted(
                                settings.endpoint(),
                                id.repository(),
                                id.revision().equals(HubId.MAIN)
                                        ? ""
                                        : " with a revision \"" + id.revision() + "\"")
                : "%s has no file %s".formatted(id.repository(), what);
    }

    private ModelException nonsense(HubId id, String what) {
        return new ModelException(
                "%s answers for %s with %s; is it a hub of models? (HF_ENDPOINT, cairn.hub.endpoint)"
                        .formatted(settings.endpoint(), id.repository(), what));
    }
}
