package dev.cairn.distribution.cache;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as they must be. */
final class Table {

    private final List<String[]> rows = new ArrayList<>();
    private final int[] widths;

    Table(String... head) {
        widths = new int[head.length];
        row(head);
    }

    void row(String... cells) {
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], cells[i].length());
        }
        rows.add(cells);
    }

    /** Nothing where there is only the head. */
    void addTo(List<String> lines) {
        if (rows.size() < 2) {
            return;
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).repeat(" ", widths[i] - row[i].length() + 2);
            }
            lines.add(line.toString().stripTrailing());
        }
    }
}
