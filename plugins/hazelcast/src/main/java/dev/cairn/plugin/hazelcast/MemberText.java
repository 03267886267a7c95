package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A member's record as bytes. */
final class MemberText {

    private static final int LONGEST = 16 << 10;
    private static final int MOST = 255;
    private static final int DRAINING = 1;

    private MemberText() {}

    /** Refuses what others would not read. */
    static void check(Member member) {
        if (member.models().size() > MOST
                || member.transferAddresses().size() > MOST
                || member.properties().size() > MOST) {
            throw new IllegalArgumentException(
                    "a member's record has room for %d models, addresses and properties each"
                            .formatted(MOST));
        }
        ByteWriter written = new ByteWriter();
        write(member, written);
        if (written.size() > LONGEST) {
            throw new IllegalArgumentException(
                    "a member's record takes at most %d bytes, this one %d"
                            .formatted(LONGEST, written.size()));
        }
    }

    static void write(Member member, ByteWriter writer) {
        writer.text(member.id()).text(member.role().name()).text(member.httpAddress());
        writer.texts(pairs(member.transferAddresses()).getFirst());
        writer.texts(pairs(member.transferAddresses()).getLast());
        writer.texts(List.copyOf(member.models()));
        writer.one(member.draining() ? DRAINING : 0);
        writer.texts(pairs(member.properties()).getFirst());
        writer.texts(pairs(member.properties()).getLast());
    }

    private static List<List<String>> pairs(Map<String, String> map) {
        List<String> names = List.copyOf(map.keySet());
        List<String> values = new ArrayList<>();
        names.forEach(name -> values.add(map.get(name)));
        return List.of(names, values);
    }

    static Member read(ByteReader reader) {
        String id = reader.text(LONGEST);
        String role = reader.text(LONGEST);
        String http = reader.text(LONGEST);
        Map<String, String> transfers = map(reader);
        Set<String> models = Set.copyOf(reader.texts(LONGEST));
        boolean draining = (reader.one() & DRAINING) != 0;
        return new Member(id, role(role), http, transfers, models, draining, map(reader));
    }

    private static Role role(String name) {
        try {
            return Role.valueOf(name);
        } catch (IllegalArgumentException unknown) {
            throw new MalformedMessage("role " + name);
        }
    }

    private static Map<String, String> map(ByteReader reader) {
        List<String> names = reader.texts(LONGEST);
        List<String> values = reader.texts(LONGEST);
        if (names.size() != values.size()) {
            throw new MalformedMessage("names without values");
        }
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            map.put(names.get(i), values.get(i));
        }
        return map;
    }
}
