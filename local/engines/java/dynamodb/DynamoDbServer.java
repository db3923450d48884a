import com.almworks.sqlite4java.SQLiteConnection;
import java.io.File;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * DynamoDB Local on the loopback address only; its own main listens on every address.
 *
 * <p>{@code DynamoDbServer PORT DIR} serves until it is ended. {@code DynamoDbServer template DIR} leaves an empty
 * database in DIR, with the index that DynamoDB Local lacks: it keeps the records of all streams in one table indexed
 * by sequence number alone, so that each read of one stream walks the backlog of all of them.
 */
final class DynamoDbServer {
  private static final String DATABASE = "shared-local-instance.db";

  public static void main(String[] args) throws Exception {
    if (!args[0].equals("template")) {
      start(Integer.parseInt(args[0]), args[1]);
      return;
    }
    int port = freePort();
    DynamoDBProxyServer server = start(port, args[1]);
    // The database file is made by the first call.
    listTables(port);
    server.stop();
    addStreamIndex(new File(args[1], DATABASE));
    System.exit(0);
  }

  private static DynamoDBProxyServer start(int port, String directory) throws Exception {
    DynamoDBProxyServer proxy = ServerRunner.createServerFromCommandLineArgs(new String[] {
        "-port", String.valueOf(port), "-sharedDb", "-disableTelemetry", "-dbPath", directory});
    var field = DynamoDBProxyServer.class.getDeclaredField("server");
    field.setAccessible(true);
    ((ServerConnector) ((Server) field.get(proxy)).getConnectors()[0]).setHost("127.0.0.1");
    proxy.start();
    return proxy;
  }

  private static void listTables(int port) throws Exception {
    var call = (HttpURLConnection) URI.create("http://127.0.0.1:" + port).toURL().openConnection();
    call.setRequestMethod("POST");
    call.setDoOutput(true);
    call.setRequestProperty("Content-Type", "application/x-amz-json-1.0");
    call.setRequestProperty("X-Amz-Target", "DynamoDB_20120810.ListTables");
    call.setRequestProperty("X-Amz-Date", "20260101T000000Z");
    call.setRequestProperty("Authorization", "AWS4-HMAC-SHA256 "
        + "Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0");
    call.getOutputStream().write("{}".getBytes(StandardCharsets.UTF_8));
    if (call.getResponseCode() != 200) {
      throw new IllegalStateException("ListTables answered " + call.getResponseCode());
    }
  }

  private static void addStreamIndex(File database) throws Exception {
    var connection = new SQLiteConnection(database);
    connection.open(false);
    connection.exec("CREATE INDEX us_stream ON us(StreamID, SequenceNumber)");
    connection.dispose();
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
