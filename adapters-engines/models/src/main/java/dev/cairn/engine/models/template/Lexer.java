package dev.cairn.engine.models.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts template text into tokens; whitespace control is settled here, as in Jinja ({@code
 * trim_blocks}, {@code lstrip_blocks}, one trailing newline dropped).
 */
final class Lexer {

    private static final Pattern NEWLINE = Pattern.compile("\r\n|\r|\n");
    private static final Pattern RAW =
            Pattern.compile("\\{%[-+]?\\s*raw\\s*(?:-%}\\s*|%})", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern END_RAW =
            Pattern.compile(
                    "\\{%([-+]?)\\s*endraw\\s*(?:\\+%}|-%}\\s*|%}\\n?)",
                    Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern FLOAT =
            Pattern.compile(
                    "(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
    private static final Pattern INTEGER =
            Pattern.compile(
                    "0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\\da-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*");
    private static final Set<String> LONG_OPERATORS = Set.of("//", "**", "==", "!=", ">=", "<=");
    private static final String SHORT_OPERATORS = "+-/*%~[](){}><=.:|,;";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private int line = 1;
    private int countedTo;

    /**
     * Whether the text before {@link #position} ended a line, as far as stripping before blocks is
     * concerned.
     */
    private boolean lineStarting = true;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = NEWLINE.matcher(template).replaceAll("\n");
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        return new Lexer(source).run();
    }

    private List<Token> run() {
        while (position < source.length()) {
            int tag = nextTag(position);
            if (tag < 0) {
                data(source.substring(position));
                position = source.length();
            } else {
                textBefore(tag);
                tag(tag);
            }
        }
        add(Token.Kind.END, "");
        return tokens;
    }

    private int nextTag(int from) {
        for (int at = source.indexOf('{', from);
                at >= 0 && at + 1 < source.length();
                at = source.indexOf('{', at + 1)) {
            char second = source.charAt(at + 1);
            if (second == '%' || second == '{' || second == '#') {
                return at;
            }
        }
        return -1;
    }

    private void textBefore(int tag) {
        String text = source.substring(position, tag);
        char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
        boolean variable = source.charAt(tag + 1) == '{';
        data(stripped(text, sign, variable));
    }

    private String stripped(String text, char sign, boolean variable) {
        if (sign == '-') {
            return PythonText.stripRight(text, null);
        }
        if (sign != '+' && !variable) {
            int lineStart = text.lastIndexOf('\n') + 1;
            if ((lineStart > 0 || lineStarting) && PythonText.isSpace(text.substring(lineStart))) {
                return text.substring(0, lineStart);
            }
        }
        return text;
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            add(Token.Kind.DATA, text);
        }
    }

    private void tag(int at) {
        position = at;
        char second = source.charAt(at + 1);
        if (second == '#') {
            comment();
        } else if (second == '{') {
            inside(Token.Kind.VARIABLE_BEGIN, Token.Kind.VARIABLE_END, "}}");
        } else {
            Matcher raw = RAW.matcher(source).region(at, source.length());
            if (raw.lookingAt()) {
                raw(raw.end());
            } else {
                inside(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END, "%}");
            }
        }
    }

    private void comment() {
        int end = source.indexOf("#}", position + 2);
        if (end < 0) {
            throw fault("missing end of comment tag");
        }
        // "{#}" is no complete comment: Jinja looks for the end behind the two opening characters.
        closeAt(end, source.charAt(end - 1), end - 1 >= position + 2, true);
    }

    private void raw(int bodyStart) {
        Matcher end = END_RAW.matcher(source);
        if (!end.find(bodyStart)) {
            throw fault("missing end of raw directive");
        }
        lineStarting = source.charAt(bodyStart - 1) == '\n';
        char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
        position = bodyStart;
        data(stripped(source.substring(bodyStart, end.start()), sign, false));
        position = end.end();
        lineStarting = source.charAt(position - 1) == '\n';
    }

    /** Moves behind a closing tag at {@code end}, with what whitespace control takes after it. */
    private void closeAt(int end, char before, boolean signAllowed, boolean trimNewline) {
        position = end + 2;
        if (signAllowed && before == '-') {
            while (position < source.length() && PythonText.isSpace(source.codePointAt(position))) {
                position++;
            }
        } else if (trimNewline
                && !(signAllowed && before == '+')
                && source.startsWith("\n", position)) {
            position++;
        }
        lineStarting = source.charAt(position - 1) == '\n';
    }

    private void inside(Token.Kind begin, Token.Kind end, String close) {
        int opening = tokens.size();
        add(begin, source.substring(position, position + 2));
        position += 2;
        if (position < source.length()
                && (source.charAt(position) == '-' || source.charAt(position) == '+')) {
            position++;
        }
        Deque<Character> brackets = new ArrayDeque<>();
        while (true) {
            skipSpace();
            if (position >= source.length()) {
                throw JinjaException.fault(
                        "the tag that is opened here is not closed", tokens.get(opening).line());
            }
            if (brackets.isEmpty() && closes(end, close)) {
                return;
            }
            element(brackets);
        }
    }

    private boolean closes(Token.Kind end, String close) {
        boolean block = end == Token.Kind.BLOCK_END;
        int signs =
                source.startsWith("-" + close, position)
                                || (block && source.startsWith("+" + close, position))
                        ? 1
                        : 0;
        if (!source.startsWith(close, position + signs)) {
            return false;
        }
        char sign = signs == 1 ? source.charAt(position) : ' ';
        add(end, close);
        closeAt(position + signs, sign, signs == 1, block);
        return true;
    }

    private void element(Deque<Character> brackets) {
        char c = source.charAt(position);
        if (c == '\'' || c == '"') {
            string(c);
        } else if (c >= '0' && c <= '9') {
            number();
        } else if (Character.isUnicodeIdentifierStart(source.codePointAt(position)) || c == '_') {
            name();
        } else {
            operator(brackets);
        }
    }

    private void skipSpace() {
        while (position < source.length() && PythonText.isSpace(source.codePointAt(position))) {
            position++;
        }
    }

    private void string(char quote) {
        int end = position + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw fault("a string is not closed");
        }
        try {
            add(Token.Kind.STRING, PythonText.unescape(source.substring(position + 1, end)));
        } catch (JinjaException e) {
            throw e.at(lineAt(position));
        }
        position = end + 1;
    }

    private void number() {
        for (var kind : List.of(Token.Kind.FLOAT, Token.Kind.INTEGER)) {
            Matcher matcher = (kind == Token.Kind.FLOAT ? FLOAT : INTEGER).matcher(source);
            if (matcher.region(position, source.length()).lookingAt()) {
                add(kind, matcher.group().replace("_", ""));
                position = matcher.end();
                return;
            }
        }
        throw fault("unexpected character '" + source.charAt(position) + "'");
    }

    private void name() {
        int end = position;
        while (end < source.length() && isNamePart(source.codePointAt(end))) {
            end += Character.charCount(source.codePointAt(end));
        }
        add(Token.Kind.NAME, source.substring(position, end));
        position = end;
    }

    private static boolean isNamePart(int codePoint) {
        return Character.isUnicodeIdentifierPart(codePoint)
                && !Character.isIdentifierIgnorable(codePoint);
    }

    private void operator(Deque<Character> brackets) {
        int length =
                position + 2 <= source.length()
                                && LONG_OPERATORS.contains(source.substring(position, position + 2))
                        ? 2
                        : 1;
        String text = source.substring(position, position + length);
        char c = text.charAt(0);
        if (length == 1 && SHORT_OPERATORS.indexOf(c) < 0) {
            throw fault("unexpected character '" + text + "'");
        }
        if ("([{".indexOf(c) >= 0) {
            brackets.push(c == '(' ? ')' : c == '[' ? ']' : '}');
        } else if (")]}".indexOf(c) >= 0 && (brackets.isEmpty() || brackets.pop() != c)) {
            throw fault("unexpected '" + c + "'");
        }
        add(Token.Kind.OPERATOR, text);
        position += length;
    }

    private void add(Token.Kind kind, String text) {
        tokens.add(new Token(kind, text, lineAt(position)));
    }

    private int lineAt(int place) {
        for (; countedTo < Math.min(place, source.length()); countedTo++) {
            if (source.charAt(countedTo) == '\n') {
                line++;
            }
        }
        return line;
    }

    private JinjaException fault(String message) {
        return JinjaException.fault(message, lineAt(position));
    }
}
