package dev.cairn.engine.models.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Jinja 3.1.6 prints, as transformers configures it; the expected texts were made with it. */
class ChatTemplateTest {

    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2024-07-06T13:04:05.000678Z"), ZoneOffset.UTC);

    private static String render(String template) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("name", "World");
        variables.put("none_value", null);
        variables.put("list", List.of(3L, 1L, 2L));
        variables.put("words", List.of("b", "A", "c"));
        variables.put("map", new java.util.TreeMap<>(Map.of("items", "own", "x", 1L)));
        variables.put(
                "users", List.of(Map.of("role", "user", "n", 1L), Map.of("role", "tool", "n", 2L)));
        return ChatTemplate.compile(template).render(variables, CLOCK);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            textBlock =
                    """
                    {{ 1 + 2 * 3 }}                                   ¦ 7
                    {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} ¦ 3 -4 2 3.5
                    {{ 2 ** 10 }} {{ 1e16 }} {{ 1.0 }} {{ 0.00001 }}  ¦ 1024 1e+16 1.0 1e-05
                    {{ 'a' ~ 1 ~ none ~ true ~ missing }}             ¦ a1NoneTrue
                    {{ [1, 'a', none, {'k': (1,)}] }}                 ¦ [1, 'a', None, {'k': (1,)}]
                    {{ "it's" }} {{ ["it's"] }}                       ¦ it's ["it's"]
                    {{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }}                   ¦ True False
                    {{ 'a' in 'abc' and 2 in list and 'x' not in map }} ¦ False
                    {{ missing is defined }} {{ name is defined }}    ¦ False True
                    {{ missing or 'x' }} {{ missing and 'x' }}        ¦ x
                    {{ 'yes' if list else 'no' }}{{ 'x' if false }}   ¦ yes
                    {{ list[0] }} {{ list[-1] }} {{ list[9] }}        ¦ 3 2
                    {{ list[::-1] }} {{ 'abcdef'[1:-1:2] }}           ¦ [2, 1, 3] bd
                    {{ 'a\\tb\\u00e9\\x41' }}                         ¦ a	béA
                    {{ map.items() | list }} {{ map['items'] }}       ¦ [('items', 'own'), ('x', 1)] own
                    {{ map.x }} {{ map.get('y', 5) }}                 ¦ 1 5
                    {{ name.upper().lower() }} {{ 'a,b'.split(',') }} ¦ world ['a', 'b']
                    {{ '  x '.strip() }}|{{ 'xxay'.lstrip('x') }}     ¦ x|ay
                    {{ 'a b  c'.split() }} {{ 'a--b'.rsplit('-', 1) }} ¦ ['a', 'b', 'c'] ['a-', 'b']
                    {{ words | sort | join(',') }}                    ¦ A,b,c
                    {{ users | map(attribute='role') | list }}        ¦ ['user', 'tool']
                    {{ users | selectattr('role', 'equalto', 'tool') | map(attribute='n') | first }} ¦ 2
                    {{ list | length }} {{ list | sum }} {{ list | max }} ¦ 3 6 3
                    {{ {'b': 1, 'a': [1.5, '<é"']} | tojson }}        ¦ {"b": 1, "a": [1.5, "<é\\""]}
                    {{ [] | tojson(indent=2) }} {{ {} | tojson }}     ¦ [] {}
                    {{ none_value is none }} {{ none_value | default('d', true) }} ¦ True d
                    {{ 3 is odd }} {{ 4 is divisibleby 2 }} {{ 'x' is string }} ¦ True True True
                    {{ [1] is iterable }} {{ {} is mapping }} {{ 1 is iterable }} ¦ True True False
                    {{ 'hello world' | title }} {{ 'abc' | capitalize }} ¦ Hello World Abc
                    {{ '%s-%03d' % ('a', 7) }} {{ '%.2f' | format(1.005) }} ¦ a-007 1.00
                    {{ strftime_now('%d %b %Y %H:%M') }}              ¦ 06 Jul 2024 13:04
                    {{ range(3) | list }} {{ range(5, 0, -2) | list }} ¦ [0, 1, 2] [5, 3, 1]
                    {{ 'a' if list | selectattr('nope') else 'b' }}   ¦ a
                    {{ 5 == 5.0 }} {{ 1 == true }} {{ '1' == 1 }}     ¦ True True False
                    {{ '\\U0001F600x' | length }}                      ¦ 2
                    {{ [1, 2] + [3] }} {{ 'ab' * 2 }}                 ¦ [1, 2, 3] abab
                    {{ users[0]['role'] }} {{ users.0.role }}         ¦ user user
                    {{ 'x' | replace('x', 'yy') | upper }}            ¦ YY
                    {{ not missing }} {{ not true == false }}         ¦ True True
                    """)
    void expressions(String template, String expected) {
        assertThat(render(template).strip()).isEqualTo(expected);
    }

    @Test
    void blocksTakeTheirLineWithThem() {
        assertThat(render("a\n  {% if true %}\n  b\n  {% endif %}\nc\n")).isEqualTo("a\n  b\nc");
        assertThat(render("a\n  {{ name }}\nb\n\n")).isEqualTo("a\n  World\nb\n");
        assertThat(render("a  {%- if true -%}  b  {%- endif %}  c")).isEqualTo("ab  c");
        assertThat(render("a {%+ if true %} b{% endif +%}\n c")).isEqualTo("a  b\n c");
        assertThat(render("a {# comment #}\nb{#- x -#} c")).isEqualTo("a b c".replace(" c", "c"));
        assertThat(render("{% raw %}{{ x }}{% y %}{% endraw %}")).isEqualTo("{{ x }}{% y %}");
        assertThat(render("a\r\nb\rc\n")).isEqualTo("a\nb\nc");
    }

    @Test
    void assignmentsStayInTheirScope() {
        assertThat(render("{% set x = 1 %}{% for i in list %}{% set x = i %}{% endfor %}{{ x }}"))
                .isEqualTo("1");
        assertThat(
                        render(
                                "{% set n = namespace(x=1) %}{% for i in list %}{% set n.x = i %}{% endfor %}{{ n.x }}"))
                .isEqualTo("2");
        assertThat(render("{% if true %}{% set x = 2 %}{% endif %}{{ x }}")).isEqualTo("2");
        assertThat(render("{% set x %}a{{ name }}{% endset %}{{ x | upper }}")).isEqualTo("AWORLD");
        assertThat(render("{% with x = 5 %}{{ x }}{% endwith %}{{ x }}")).isEqualTo("5");
        assertThat(render("{% generation %}{% set x = 3 %}{{ x }}{% endgeneration %}{{ x }}"))
                .isEqualTo("3");
    }

    @Test
    void loopsKnowTheirPlace() {
        assertThat(
                        render(
                                "{% for i in list %}{{ loop.index }}{{ loop.first }}{{ loop.last }}{{ loop.previtem }},{% endfor %}"))
                .isEqualTo("1TrueFalse,2FalseFalse3,3FalseTrue1,");
        assertThat(
                        render(
                                "{% for i in list if i != 1 %}{{ loop.index0 }}{{ i }} {% else %}none{% endfor %}"))
                .isEqualTo("03 12 ");
        assertThat(render("{% for i in [] %}x{% else %}none{% endfor %}")).isEqualTo("none");
        assertThat(
                        render(
                                "{% for i in list %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}"))
                .isEqualTo("32");
        assertThat(
                        render(
                                "{% for i in list %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}"))
                .isEqualTo("3");
        assertThat(render("{% for k, v in map.items() %}{{ k }}={{ v }};{% endfor %}"))
                .isEqualTo("items=own;x=1;");
        assertThat(
                        render(
                                "{% for x in [1, [2, [3]]] recursive %}{{ loop(x) if x is iterable else x }}{% endfor %}"))
                .isEqualTo("123");
    }

    @Test
    void macrosAndCallers() {
        assertThat(
                        render(
                                "{% macro m(a, b='d') %}{{ a }}{{ b }}{{ kwargs }}{% endmacro %}{{ m(1) }}{{ m(1, b=2, c=3) }}"))
                .isEqualTo("1d{}12{'c': 3}");
        assertThat(
                        render(
                                "{% macro m() %}[{{ caller('x') }}]{% endmacro %}{% call(a) m() %}{{ a }}{{ name }}{% endcall %}"))
                .isEqualTo("[xWorld]");
        assertThat(
                        render(
                                "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}"))
                .isEqualTo("3210");
        assertThat(render("{% filter upper %}a{{ name }}{% endfilter %}")).isEqualTo("AWORLD");
    }

    @Test
    void refusalsOfTheTemplateKeepItsWords() {
        assertThatThrownBy(
                        () ->
                                render(
                                        "\n{% if true %}{{ raise_exception('roles must alternate') }}{% endif %}"))
                .isInstanceOfSatisfying(
                        JinjaException.class, e -> assertThat(e.raisedByTemplate()).isTrue())
                .hasMessage("roles must alternate");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            textBlock =
                    """
                    {{ missing.x }}                            ¦ line 1: 'missing' is undefined
                    {{ map.y.z }}                              ¦ line 1: 'dict object' has no attribute 'y'
                    {{ 'a' + 1 }}                              ¦ line 1: unsupported operand types for +: 'str' and 'int'
                    {{ none_value | length }}                  ¦ has no len()
                    {{ 1 / 0 }}                                ¦ division by zero
                    {% for x in 5 %}{% endfor %}               ¦ 'int' object is not iterable
                    {{ list.append(1) }}                       ¦ access to attribute 'append' of 'list' object is unsafe
                    {{ map.update({}) }}                       ¦ is unsafe
                    {{ ''.__class__.__mro__ }}                 ¦ is unsafe
                    {{ name.nope() }}                          ¦ 'str object' has no attribute 'nope'
                    {{ missing | tojson }}                     ¦ 'missing' is undefined
                    {{ x | from_json }}                        ¦ no filter named 'from_json'
                    {{ x is weird }}                           ¦ no test named 'weird'
                    {% if true %}                              ¦ expected elif or else or endif
                    {{ 'a }}                                   ¦ a string is not closed
                    {{ a                                       ¦ is not closed
                    {% frobnicate %}                           ¦ unknown or unsupported tag 'frobnicate'
                    {% include 'x' %}                          ¦ unknown or unsupported tag 'include'
                    {{ (1, }}                                  ¦ unexpected '}'
                    {% break %}                                ¦ 'break' outside a loop
                    {{ }}                                      ¦ expected an expression
                    """)
    void faultsSayLineAndReason(String template, String words) {
        assertThatThrownBy(() -> render(template.strip()))
                .isInstanceOf(JinjaException.class)
                .hasMessageStartingWith("chat template, line 1: ")
                .hasMessageContaining(words.strip());
    }

    @Test
    void theLineIsThatOfTheFault() {
        assertThatThrownBy(() -> render("a\n\n{% if true %}\n{{ missing.x }}{% endif %}"))
                .hasMessageContaining("line 4:");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
                "{{ 'x' * 1000000000 }}",
                "{{ [0] * 1000000000 }}",
                "{{ range(1000000000) }}",
                "{% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
                "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
                "{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = n.x | replace('a', 'aaaa') %}{% endfor %}",
                "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | tojson }}",
                "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
                "{% set n = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{{ 9 ** 9 ** 9 ** 9 ** 9 }}",
                "{{ 'x'.center(2000000000) }}",
                "{{ '%2000000000d' % 1 }}",
                "{{ 'a' | indent(2000000000) }}",
                "{{ [1] | tojson(indent=2000000000) }}",
                "{{ 'x'.join(range(9)) }}"
            })
    void hostileTemplatesAreStopped(String template) {
        assertThatThrownBy(() -> render(template)).isInstanceOf(JinjaException.class);
    }

    @Test
    void nestingOfTheSourceIsBounded() {
        for (String[] nested :
                new String[][] {
                    {"{{ ", "(", "1", ")", " }}"},
                    {"{{ ", "[", "1", "]", " }}"},
                    {"{{ ", "not ", "1", "", " }}"},
                    {"{{ ", "-", "1", "", " }}"},
                    {"{{ 1 ", "if 1 else 1 ", "", "", " }}"},
                    {"", "{% if 1 %}", "", "{% endif %}", ""},
                    {"{% if 1 %}", "{% elif 1 %}", "", "", "{% endif %}"}
                }) {
            String source =
                    nested[0]
                            + nested[1].repeat(20_000)
                            + nested[2]
                            + nested[3].repeat(20_000)
                            + nested[4];
            assertThatThrownBy(() -> render(source))
                    .as(nested[1])
                    .isInstanceOf(JinjaException.class);
        }
    }

    @Test
    void longChainsAreNoNesting() {
        assertThat(render("{{ " + "1 + ".repeat(300) + "1 }}")).isEqualTo("301");
        assertThat(render("{% if 0 %}" + "{% elif 0 %}".repeat(90) + "{% else %}x{% endif %}"))
                .isEqualTo("x");
    }

    @Test
    void changedTemplatesNeverDoMoreThanThrowAJinjaException() {
        long seed = System.nanoTime();
        System.out.println("ChatTemplateTest seed " + seed);
        java.util.Random random = new java.util.Random(seed);
        String source =
                "{%- macro m(a, b=1) -%}{{ a ~ b }}{%- endmacro %}{% for u in users if u.n %}{{ loop.index0 }}{{ u['role'] | upper }}"
                        + "{% if u.role == 'user' and not loop.last %}{{ m(u.n, b=[1, {'x': 2}]) }}{% elif list[::-1] is iterable %}{% set x = 'a' * 3 %}"
                        + "{{ x | tojson(indent=2) }}{% endif %}{% endfor %}{# end #}{{ '%s' % name }}";
        List<String> pieces =
                Arrays.asList(
                        "{{", "}}", "{%", "%}", "(", ")", "[", "]", "'", "\"", "|", ".", "~", "**",
                        "not ", " if ", " in ", "-", "\n", "\\", "9", "loop", "endfor");
        for (int round = 0; round < 3000; round++) {
            StringBuilder changed = new StringBuilder(source);
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = random.nextInt(changed.length());
                changed.replace(
                        at,
                        Math.min(changed.length(), at + random.nextInt(4)),
                        pieces.get(random.nextInt(pieces.size())));
            }
            try {
                render(changed.toString());
            } catch (JinjaException expected) {
                assertThat(expected.getMessage()).isNotBlank();
            }
        }
    }
}
