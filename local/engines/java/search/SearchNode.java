import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.geo.GeoModulePlugin;
import org.opensearch.index.reindex.ReindexPlugin;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/** One OpenSearch node on the loopback address: {@code SearchNode PORT DIR}. */
final class SearchNode extends Node {
  private static final String NAME = "local";

  private SearchNode(Environment environment, List<Class<? extends Plugin>> plugins) {
    super(environment, plugins, true);
  }

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[1]);
    LogConfigurator.setNodeName(NAME);
    Node node = new SearchNode(environment(args[0], home), List.of(Netty4Plugin.class, GeoModulePlugin.class,
        PainlessPlugin.class, ReindexPlugin.class, CommonAnalysisPlugin.class));
    var closed = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node, closed)));
    node.start();
    closed.await();
  }

  private static Environment environment(String port, Path home) {
    Settings settings = Settings.builder()
        .put("path.home", home)
        .put("path.data", home.resolve("data"))
        .put("path.logs", home.resolve("logs"))
        .put("path.repo", home.resolve("repo"))
        .put("cluster.name", "waystream-local")
        .put("node.name", NAME)
        .put("discovery.type", "single-node")
        .put("network.host", "127.0.0.1")
        .put("http.port", port)
        .put("transport.port", "0")
        // A laptop's disk is often nearly full; the node would refuse to write long before it matters here.
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        .build();
    return InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home.resolve("config"), () -> NAME);
  }

  private static void close(Node node, CountDownLatch closed) {
    try {
      node.close();
    } catch (Exception error) {
      error.printStackTrace();
    }
    closed.countDown();
  }
}
