package io.millrace.sinks.jdbc;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How a database other than PostgreSQL takes rows by their keys: statements that put the rows of a
 * query "row", of which each has another key, into a table "there".
 *
 * @param temporary what makes a table of the connection's own, empty, with the columns of the
 *     target, and drops the one of before
 * @param upsert inserts rows, or changes those of the table that are older
 * @param insert inserts rows whose key is not there; the last one counts them
 * @param delete deletes those of the table that rows name and are not older than
 */
record Merging(
    List<String> temporary, List<String> upsert, List<String> insert, List<String> delete) {

  private static final Pattern WORD = Pattern.compile("\\{[a-z ]+}");

  private static final String COPY =
      "select {names}, cast(0 as {long}) as \"_number\", cast(0 as {long}) as \"_gone\" from"
          + " {table} where 1 = 0";

  private static final Map<Dialect, Merging> KNOWN =
      Map.of(
          Dialect.H2,
          new Merging(
              List.of(
                  "drop table if exists {waiting}",
                  "create local temporary table {waiting} not persistent transactional as "
                      + COPY.replace("{long}", "bigint")),
              List.of(
                  "merge into {table} as \"there\" using ({rows}) as \"row\" on {match}"
                      + " when matched and {newer} then update set {set}"
                      + " when not matched then insert ({names}) values ({row names})"),
              List.of(
                  "merge into {table} as \"there\" using ({rows}) as \"row\" on {match}"
                      + " when not matched then insert ({names}) values ({row names})"),
              List.of(
                  "merge into {table} as \"there\" using ({rows}) as \"row\" on {match}"
                      + " when matched and {newer} then delete")),
          Dialect.SQLITE,
          new Merging(
              List.of(
                  "drop table if exists temp.{waiting}",
                  "create temporary table {waiting} as " + COPY.replace("{long}", "integer")),
              List.of(
                  "insert into {table} as \"there\" ({names}) select {names} from ({rows}) as"
                      + " \"rows\" where true on conflict ({keys}) do update set {set} where"
                      + " {newer}"),
              List.of(
                  "insert into {table} as \"there\" ({names}) select {names} from ({rows}) as"
                      + " \"rows\" where true on conflict ({keys}) do nothing"),
              List.of(
                  "delete from {table} where ({keys}) in (select {there keys} from ({rows}) as"
                      + " \"row\" join {table} as \"there\" on {match} where {newer})")),
          Dialect.MARIADB,
          // Not by "on duplicate key": that takes a row of any unique index for the one of the key.
          new Merging(
              List.of(
                  "drop temporary table if exists {waiting}",
                  "create temporary table {waiting} engine=InnoDB as "
                      // It takes the narrowest type that the value needs.
                      + COPY.replace("cast(0 as {long})", "cast(9223372036854775807 as signed)")),
              List.of(
                  "update {table} as \"there\" join ({rows}) as \"row\" on {match} set {set}"
                      + " where {newer}",
                  "insert into {table} ({names}) select {row names} from ({rows}) as \"row\""
                      + " left join {table} as \"there\" on {match} where \"there\".{key} is null"),
              List.of(
                  "insert into {table} ({names}) select {row names} from ({rows}) as \"row\""
                      + " left join {table} as \"there\" on {match} where \"there\".{key} is null"),
              List.of(
                  "delete \"there\" from {table} as \"there\" join ({rows}) as \"row\" on {match}"
                      + " where {newer}")));

  /** Which side of an assignment and a comparison has which name, where they are not these two. */
  private static final Map<Dialect, Map<String, String>> ALIASES =
      Map.of(
          Dialect.H2, Map.of("left", ""),
          Dialect.SQLITE, Map.of("left", "", "new", "excluded."),
          Dialect.MARIADB, Map.of());

  /** The statements of a database; empty for PostgreSQL. */
  static Optional<Merging> of(Dialect dialect) {
    return Optional.ofNullable(KNOWN.get(dialect));
  }

  /**
   * A table and the columns of it that rows change.
   *
   * @param order the columns by which the greater row is newer
   * @param strictly whether a row as new as the one in the table is not newer
   */
  record Into(
      TableName table,
      List<String> names,
      List<String> keys,
      List<String> order,
      boolean strictly) {
    private List<String> changed() {
      return names.stream().filter(name -> !keys.contains(name)).toList();
    }
  }

  /** The statements that insert rows, or change older ones. */
  List<String> upsert(Dialect dialect, Into into, String rows) {
    return into.changed().isEmpty()
        ? insert(into, rows)
        : filled(upsert, into, rows, ALIASES.getOrDefault(dialect, Map.of()));
  }

  /** The statements that insert what is not there. */
  List<String> insert(Into into, String rows) {
    return filled(insert, into, rows, Map.of());
  }

  /** The statements that delete what is not newer. */
  List<String> delete(Into into, String rows) {
    return filled(delete, into, rows, Map.of());
  }

  /** The statements that make the table in which rows wait. */
  List<String> temporary(Target target, String waiting) {
    Map<String, String> words =
        Map.of(
            "{waiting}", waiting,
            "{names}", Dialect.names(target.names()),
            "{table}", target.table().sql());
    return temporary.stream().map(text -> filled(text, words)).toList();
  }

  private static List<String> filled(
      List<String> statements, Into into, String rows, Map<String, String> aliases) {
    String left = aliases.getOrDefault("left", "\"there\".");
    String fresh = aliases.getOrDefault("new", "\"row\".");
    String newer =
        into.order().isEmpty()
            ? "true"
            : "coalesce((%s) %s (%s), true)"
                .formatted(
                    of(fresh, into.order()),
                    into.strictly() ? ">" : ">=",
                    of("\"there\".", into.order()));
    String set =
        into.changed().stream()
            .map(TableName::quoted)
            .map(name -> left + name + " = " + fresh + name)
            .collect(Collectors.joining(", "));
    String match =
        into.keys().stream()
            .map(TableName::quoted)
            .map("\"there\".%1$s = \"row\".%1$s"::formatted)
            .collect(Collectors.joining(" and "));
    Map<String, String> words =
        Map.of(
            "{rows}", rows,
            "{table}", into.table().sql(),
            "{names}", Dialect.names(into.names()),
            "{row names}", of("\"row\".", into.names()),
            "{keys}", Dialect.names(into.keys()),
            "{there keys}", of("\"there\".", into.keys()),
            "{key}", TableName.quoted(into.keys().get(0)),
            "{match}", match,
            "{set}", set,
            "{newer}", newer);
    return statements.stream().map(text -> filled(text, words)).toList();
  }

  private static String filled(String statement, Map<String, String> words) {
    return WORD.matcher(statement)
        .replaceAll(found -> Matcher.quoteReplacement(words.getOrDefault(found.group(), "")));
  }

  private static String of(String alias, List<String> names) {
    return names.stream()
        .map(name -> alias + TableName.quoted(name))
        .collect(Collectors.joining(", "));
  }
}
