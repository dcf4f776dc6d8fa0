// What DBeaver, Metabase and other Java tools do through the JDBC driver: metadata, prepared statements, rows in portions.
// Prints one `name: value` a line; test_jdbc.py compares them with the portal's answers.
// usage: java -cp postgresql.jar Ask.java URL, with PGUSER and PGPASSWORD

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

public class Ask {
    static void say(String name, Object value) {
        System.out.println(name + ": " + value);
    }

    static List<String> column(ResultSet rows, String... names) throws SQLException {
        List<String> values = new ArrayList<>();
        while (rows.next()) {
            List<String> cells = new ArrayList<>();
            for (String name : names) cells.add(rows.getString(name));
            values.add(String.join("|", cells));
        }
        rows.close();
        return values;
    }

    static void metadata(Connection connection) throws SQLException {
        DatabaseMetaData about = connection.getMetaData();
        say("product", about.getDatabaseProductName() + " " + about.getDatabaseMajorVersion());
        say("catalogs", column(about.getCatalogs(), "TABLE_CAT"));
        say("schemas", column(about.getSchemas(), "TABLE_SCHEM"));
        say("table types", column(about.getTableTypes(), "TABLE_TYPE").size());
        String[] kinds = {"TABLE", "VIEW", "PARTITIONED TABLE", "FOREIGN TABLE", "MATERIALIZED VIEW"};
        List<String> tables = column(about.getTables(null, "public", "%", kinds), "TABLE_NAME");
        say("tables", String.join(",", tables));
        say("title", column(about.getTables(null, "public", "benefit_transaction", kinds), "REMARKS"));
        say("columns", String.join(",", column(about.getColumns(null, "public", "benefit_transaction", "%"), "COLUMN_NAME")));
        say("amount", column(about.getColumns(null, "public", "benefit_transaction", "amount"), "TYPE_NAME", "COLUMN_SIZE", "DECIMAL_DIGITS", "REMARKS"));
        say("key", column(about.getPrimaryKeys(null, "public", "benefit_transaction"), "COLUMN_NAME"));
        say("imported", column(about.getImportedKeys(null, "public", "benefit_transaction"), "PKTABLE_NAME").size() >= 0);
        say("indexes", column(about.getIndexInfo(null, "public", "benefit_transaction", false, true), "INDEX_NAME").size() >= 0);
        say("type info", column(about.getTypeInfo(), "TYPE_NAME").size() > 10);
        say("privileges", column(about.getTablePrivileges(null, "public", "benefit_transaction"), "PRIVILEGE").size() >= 0);
        say("functions", column(about.getFunctions(null, "public", "%"), "FUNCTION_NAME").size() >= 0);
    }

    static void prepared(Connection connection) throws SQLException {
        String sql = "select count(*), sum(amount), max(pay_time) from benefit_transaction where amount >= ? and pay_time < ? and district_code <> ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            String before = null;
            // The driver prepares on the server from the fifth time on and then asks for binary values.
            for (int i = 0; i < 8; i++) {
                statement.setBigDecimal(1, new BigDecimal("0.00"));
                statement.setTimestamp(2, Timestamp.valueOf("2100-01-01 00:00:00"));
                statement.setString(3, "徐汇");
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    String now = rows.getLong(1) + "|" + rows.getBigDecimal(2).toPlainString() + "|" + (rows.getTimestamp(3) != null);
                    if (before != null && !before.equals(now)) throw new SQLException("differs: " + before + " and " + now);
                    before = now;
                }
            }
            say("prepared", before);
        }
    }

    static void portions(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(100);
            int rows = 0;
            try (ResultSet all = statement.executeQuery("select * from benefit_transaction")) {
                while (all.next()) rows++;
            }
            say("portions", rows);
            try (ResultSet some = statement.executeQuery("select txn_no from benefit_transaction")) {
                some.next();
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    static void refusals(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(2);
            statement.executeQuery("with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r");
            say("timeout", "none");
        } catch (SQLException error) {
            say("timeout", error.getSQLState());
        }
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("delete from benefit_transaction");
            say("delete", "done");
        } catch (SQLException error) {
            say("delete", error.getSQLState());
        }
    }

    public static void main(String[] arguments) throws SQLException {
        Properties properties = new Properties();
        properties.put("user", System.getenv("PGUSER"));
        properties.put("password", System.getenv("PGPASSWORD"));
        properties.put("ApplicationName", "Ask");
        try (Connection connection = DriverManager.getConnection(arguments[0], properties)) {
            connection.setReadOnly(true);
            say("valid", connection.isValid(10));
            say("schema", connection.getSchema());
            metadata(connection);
            prepared(connection);
            portions(connection);
            refusals(connection);
            say("valid again", connection.isValid(10));
        }
    }
}
