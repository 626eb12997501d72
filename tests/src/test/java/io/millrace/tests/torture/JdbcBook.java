package io.millrace.tests.torture;

/** The rows that a sink has in the ledger of its database. The table itself stays as it is. */
record JdbcBook(Trial trial, String sink) implements Book {
  private static final String LEDGER = "millrace_ledger";

  @Override
  public void keep(String name) {
    trial.execute(
        "create table \"%s\" as select * from \"%s\" where %s"
            .formatted(copy(name), LEDGER, own()));
  }

  @Override
  public void putBack(String name) {
    drop();
    trial.execute("insert into \"%s\" select * from \"%s\"".formatted(LEDGER, copy(name)));
  }

  @Override
  public void drop() {
    trial.execute("delete from \"%s\" where %s".formatted(LEDGER, own()));
  }

  private String copy(String name) {
    return String.join("_", trial.job(), sink, name);
  }

  private String own() {
    return "\"job\" = '%s' and \"sink\" = '%s'".formatted(trial.job(), sink);
  }
}
